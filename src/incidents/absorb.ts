import type { IncidentBody, LogEvent, Placed } from './event.ts'
import type { Incident } from './incident.ts'
import { step } from './machine.ts'
import { sameFinding } from './parts.ts'
import { activeStates } from './transitions.ts'

/** What the watcher knows of one cluster's incidents between two turns. Plain data; all but the last three is in the log. */
export interface Decisions {
  readonly incidents: Readonly<Record<string, Incident>>
  /** The one that goes on: harm that is seen now belongs to it. */
  readonly current: string | null
  /** No harm is open since. */
  readonly clearSinceMs: number | null
  /** The named cause is no longer recognised since. */
  readonly doubtSinceMs: number | null
  /** Named first while users fail and no incident goes on yet. */
  readonly suspected: { readonly cause: string; readonly subject: string; readonly sinceMs: number } | null
}

export const noIncidents: Decisions = {
  incidents: {},
  current: null,
  clearSinceMs: null,
  doubtSinceMs: null,
  suspected: null,
}

/** The state after a restart: with the events of one cluster, the watcher goes on with the same incident. */
export const restore = (events: readonly LogEvent[]): Decisions => events.reduce(absorb, noIncidents)

/** One event of the log: of this watcher, of a person's command, or of another process. */
export function absorb(state: Decisions, event: LogEvent): Decisions {
  if (!isAboutIncident(event)) return state
  const before = state.incidents[event.incident]
  // The beginning of its log may have been cut off.
  if (!before && event.type !== 'incident.opened') return state
  const after = step(before, event)
  const incidents = { ...state.incidents, [after.id]: after }
  if (event.type === 'incident.merged' && after.mergedInto !== before?.mergedInto)
    return merged({ ...state, incidents }, after, event.into)
  const moves = isActive(after) && !isActive(currentOf(state))
  return { ...state, incidents, current: moves ? after.id : state.current }
}

type AboutIncident =
  | Extract<LogEvent, { readonly incident: string }>
  | (Placed<IncidentBody> & { readonly incident: string })

const isAboutIncident = (event: LogEvent): event is AboutIncident =>
  'incident' in event && typeof event.incident === 'string'

export const currentOf = (state: Decisions): Incident | null =>
  state.current === null ? null : (state.incidents[state.current] ?? null)

export const isActive = (incident: Incident | null): boolean =>
  incident !== null && activeStates.some((active) => active === incident.state)

/** What hung on the merged incident hangs on the other one, and the watcher goes on with that. */
function merged(state: Decisions, from: Incident, into: string): Decisions {
  const target = state.incidents[into]
  if (!target) return state
  const moved = from.findings.filter((each) => !target.findings.some((other) => sameFinding(each, other)))
  const incidents = { ...state.incidents, [into]: { ...target, findings: [...target.findings, ...moved] } }
  return { ...state, incidents, current: state.current === from.id ? into : state.current }
}
