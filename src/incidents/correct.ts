import type { IncidentBody, Placed } from './event.ts'
import type { Incident, TimelineEntry } from './incident.ts'

/** A fact happened at another time than was written. It moves in the timeline, and the outage that it bounds moves with it. */
export function correct(
  incident: Incident,
  { event, toMs }: Extract<Placed<IncidentBody>, { type: 'time.corrected' }>,
): Incident {
  const wrong = incident.timeline.find(({ seq }) => seq === event)
  if (!wrong) return incident
  const timeline = incident.timeline.map((entry) => (entry === wrong ? { ...entry, atMs: toMs } : entry))
  const index = outageOf(incident.timeline, wrong)
  const outages = incident.outages.map((outage, at) => {
    if (at !== index) return outage
    return wrong.type === 'service.restored' ? { ...outage, toMs } : { ...outage, fromMs: toMs }
  })
  return { ...incident, timeline, outages, ...(wrong.type === 'incident.opened' && { sinceMs: toMs }) }
}

/** Which outage an event begins or ends; -1 for any other event. */
function outageOf(timeline: readonly TimelineEntry[], wrong: TimelineEntry): number {
  const begins = (entry: TimelineEntry): boolean =>
    !entry.ignored &&
    ['incident.opened', 'symptom.returned', 'symptom.confirmed', 'incident.reopened'].includes(entry.type)
  if (wrong.ignored || (!begins(wrong) && wrong.type !== 'service.restored')) return -1
  return timeline.filter((entry) => begins(entry) && (entry.seq ?? 0) <= (wrong.seq ?? 0)).length - 1
}
