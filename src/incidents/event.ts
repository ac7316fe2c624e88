import type { Event, EventBody } from '../core/event.ts'

/** What a person says about an incident, and what follows after it. The watcher itself writes none of these. */
export type PersonEvent =
  | { readonly type: 'incident.acknowledged'; readonly incident: string; readonly by: string }
  | { readonly type: 'incident.escalated'; readonly incident: string; readonly to: string }
  | { readonly type: 'incident.dismissed'; readonly incident: string; readonly by: string; readonly reason: string }
  | { readonly type: 'incident.reopened'; readonly incident: string; readonly reason: string }
  | { readonly type: 'symptom.confirmed'; readonly incident: string; readonly by: string }
  | { readonly type: 'verification.failed'; readonly incident: string; readonly reason: string }
  | { readonly type: 'review.started'; readonly incident: string; readonly document: string }
  | { readonly type: 'review.finished'; readonly incident: string }
  | { readonly type: 'note.added'; readonly incident: string; readonly by: string; readonly text: string }
  | {
      readonly type: 'time.corrected'
      readonly incident: string
      /** The `seq` of the event whose time was wrong; the original stays in the log. */
      readonly event: number
      readonly toMs: number
      readonly reason: string
    }

/** Events that the state machine knows. */
export type IncidentBody = Extract<EventBody, { readonly incident: string }> | PersonEvent

/** Findings only hang on an incident: they never move it. */
export type FindingBody = Extract<EventBody, { readonly type: 'finding.opened' | 'finding.closed' }>

/** An event with its place; one that is not stored yet has no `seq`. */
export type Placed<Body> = Body & { readonly atMs: number; readonly cluster: string; readonly seq?: number }

/** What a log holds, for a fold that picks out what belongs to incidents. */
export type LogEvent = Event | Placed<EventBody | PersonEvent>
