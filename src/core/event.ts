import type { Change } from './change.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Finding, Unchecked } from './finding.ts'
import type { Severity } from './severity.ts'

/** What happened, by type. Incident events are those of the incident's state machine. */
export type EventBody =
  | { readonly type: 'watch.started'; readonly nodes: readonly string[] }
  | { readonly type: 'watch.stopped'; readonly reason: string }
  | { readonly type: 'change.seen'; readonly change: Change }
  | { readonly type: 'finding.opened'; readonly finding: Finding; readonly incident?: string }
  | { readonly type: 'finding.closed'; readonly finding: Finding; readonly incident?: string }
  /** Something that a check cannot look at, and somebody can have it see: told once. */
  | { readonly type: 'check.blind'; readonly unchecked: Unchecked }
  | {
      readonly type: 'incident.opened'
      readonly incident: string
      readonly title: string
      readonly severity: Severity
      readonly sinceMs: number
      /** Those that were open before it and belong to it; later ones name it themselves. */
      readonly findings?: readonly { readonly check: string; readonly subject: string }[]
    }
  | { readonly type: 'diagnosis.started'; readonly incident: string }
  | { readonly type: 'diagnosis.finished'; readonly incident: string; readonly diagnosis: Diagnosis }
  | {
      readonly type: 'suspect.ruled-out'
      readonly incident: string
      readonly suspect: string
      readonly measured: number
      readonly limit: number
      readonly unit: string
    }
  | { readonly type: 'cause.identified'; readonly incident: string; readonly diagnosis: Diagnosis }
  | { readonly type: 'cause.withdrawn'; readonly incident: string; readonly cause: string; readonly reason: string }
  | { readonly type: 'incident.merged'; readonly incident: string; readonly into: string }
  | { readonly type: 'mitigation.started'; readonly incident: string; readonly plan: string }
  | { readonly type: 'mitigation.failed'; readonly incident: string; readonly plan: string; readonly reason: string }
  | { readonly type: 'service.restored'; readonly incident: string; readonly sinceMs: number }
  | { readonly type: 'verification.started'; readonly incident: string }
  | { readonly type: 'verification.passed'; readonly incident: string }
  | { readonly type: 'symptom.returned'; readonly incident: string }

/** `seq` and `atMs` are given by the store: one order for one log. */
export type Event = EventBody & { readonly seq: number; readonly atMs: number; readonly cluster: string }
