/** A postmortem in the form that teams write, about an outage that nobody had. */
export const parcelLabels = `# Postmortem
**_By:_**
# Mika Example

## Issue Summary:
- Duration: from 22:40 on 7 November 2023 to 00:25 (WAT).
- Impact: the service affected was the parcel label printer, so four in ten parcels stayed in the hall.
- Root Cause: a standby answered with yesterday's addresses.

## Timeline:
- 10:40 PM: An alarm: labels carry old addresses.
- 10:52 PM: Suspected the network between hall and database;
  cables were changed.
- 11:10 PM: First thought of a release of that afternoon and of the load at night.
- 11:31 PM: Handed over to the platform team.
- 11:47 PM: Found that the standby was missing its replication slot.
- 12:05 AM: Slot created, standby repaired.
- 12:25 AM: Labels are back to normal.

## Root Cause and Resolution:
The slot had been dropped with an old subscription.

## Corrective and Preventative Measures:
### Improvements
- [ ] A1 Wake somebody when a slot is gone (owner: dba, guard: check:replication/slot-lost, ticket: #4)
- Look at the set-up
  once a week (guard: verify; guard: somehow)
### Tasks
- Task: rehearse this night (guard: drill:7)

## Conclusion
- This is no measure.
`
