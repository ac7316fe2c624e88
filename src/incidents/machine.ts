import type { FindingBody, IncidentBody, Placed } from './event.ts'
import type { Incident, TimelineEntry } from './incident.ts'
import { correct } from './correct.ts'
import { attach, detach, endOutage, identify, startOutage, withdraw } from './parts.ts'
import { transitionOf } from './transitions.ts'
import type { IncidentState, Transition } from './transitions.ts'
import { words } from './words.ts'

/**
 * One event more. The log is the truth, so nothing in it makes the fold fail: what the machine does not allow (two people
 * who acted at once) stands in the timeline as ignored and moves nothing.
 */
export function step(incident: Incident | undefined, event: Placed<IncidentBody | FindingBody>): Incident {
  if (event.type === 'finding.opened' || event.type === 'finding.closed')
    return finding(existing(incident, event), event)
  const row = transitionOf(incident?.state ?? null, event.type)
  if (event.type === 'incident.opened' && !incident) return opened(event)
  const before = existing(incident, event)
  if (!row) return { ...before, timeline: inOrder([...before.timeline, { ...entry(event), ignored: true }]) }
  const after = effect(before, event)
  return { ...after, state: target(row, after), timeline: inOrder([...after.timeline, entry(event)]) }
}

function existing(incident: Incident | undefined, event: Placed<IncidentBody | FindingBody>): Incident {
  if (incident) return incident
  throw new Error(`${event.type} before its incident was opened`)
}

function target(row: Transition, incident: Incident): IncidentState {
  if (row.to === 'same') return incident.state
  if (row.to === 'cause') return incident.rootCause ? 'cause-identified' : 'diagnosing'
  return row.to
}

const entry = (event: Placed<IncidentBody | FindingBody>): TimelineEntry => ({
  seq: event.seq ?? null,
  atMs: event.atMs,
  type: event.type,
  words: words(event),
})

/** Stable: events of one moment stay in the order in which they were written. */
const inOrder = (timeline: readonly TimelineEntry[]): readonly TimelineEntry[] =>
  timeline.toSorted((a, b) => a.atMs - b.atMs)

const opened = (event: Extract<Placed<IncidentBody>, { type: 'incident.opened' }>): Incident => ({
  id: event.incident,
  cluster: event.cluster,
  state: 'detected',
  title: event.title,
  severity: event.severity,
  openedMs: event.atMs,
  sinceMs: event.sinceMs,
  undiagnosedSinceMs: event.atMs,
  causes: [],
  ruledOut: [],
  findings: (event.findings ?? []).map((each) => ({ ...each, openedMs: event.atMs, closedMs: null })),
  outages: [{ fromMs: event.sinceMs, toMs: null }],
  timeline: [entry(event)],
})

function finding(incident: Incident, event: Placed<FindingBody>): Incident {
  const after = event.type === 'finding.opened' ? attach(incident, event) : detach(incident, event)
  return { ...after, timeline: inOrder([...after.timeline, entry(event)]) }
}

/** What an allowed event says, but for the state. */
function effect(incident: Incident, event: Placed<IncidentBody>): Incident {
  switch (event.type) {
    case 'incident.acknowledged':
      return incident.acknowledged ? incident : { ...incident, acknowledged: { by: event.by, atMs: event.atMs } }
    case 'diagnosis.finished':
      return identify({ ...incident, diagnosis: event.diagnosis, undiagnosedSinceMs: null }, event, 'same cause only')
    case 'cause.identified':
      return identify(incident, event, 'any cause')
    case 'cause.withdrawn':
      return withdraw(incident, event.atMs)
    case 'suspect.ruled-out':
      return { ...incident, ruledOut: [...incident.ruledOut, event.suspect] }
    case 'service.restored':
      return endOutage(incident, event.sinceMs)
    case 'symptom.returned':
      return startOutage({ ...unnamed(incident), undiagnosedSinceMs: event.atMs }, event.atMs)
    case 'symptom.confirmed':
    case 'incident.reopened':
      return startOutage(unnamed(incident), event.atMs)
    case 'verification.failed':
      return unnamed(incident)
    case 'incident.merged':
      return endOutage({ ...incident, mergedInto: event.into }, event.atMs)
    case 'incident.dismissed':
      return endOutage(incident, event.atMs)
    case 'time.corrected':
      return correct(incident, event)
    default:
      void (event.type satisfies Silent)
      return incident
  }
}

/** Events that say nothing but the state; a new event that is forgotten in `effect` does not compile here. */
type Silent =
  | 'incident.opened'
  | 'incident.escalated'
  | 'diagnosis.started'
  | 'mitigation.started'
  | 'mitigation.failed'
  | 'verification.started'
  | 'verification.passed'
  | 'review.started'
  | 'review.finished'
  | 'note.added'

/** Diagnosed anew: the earlier cause stays in the list of those that were named. */
function unnamed(incident: Incident): Incident {
  const { rootCause: _, ...rest } = incident
  return rest
}
