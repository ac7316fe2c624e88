import type { CauseVerdict, Diagnosis } from '../core/diagnosis.ts'
import type { Severity } from '../core/severity.ts'
import type { FindingBody, IncidentBody } from './event.ts'
import type { IncidentState } from './transitions.ts'

/** What the events say of one outage. Nothing of it is stored: it is folded from the log. */
export interface Incident {
  readonly id: string
  readonly cluster: string
  readonly state: IncidentState
  readonly title: string
  readonly severity: Severity
  readonly openedMs: number
  /** When the harm began. */
  readonly sinceMs: number
  readonly acknowledged?: { readonly by: string; readonly atMs: number }
  /** As it was published last. */
  readonly diagnosis?: Diagnosis
  /** Nothing was published since this moment: at the opening, and when the symptom returned. */
  readonly undiagnosedSinceMs: number | null
  /** Every cause that was ever named, with when it was taken back. */
  readonly causes: readonly NamedCause[]
  /** The cause that stands. */
  readonly rootCause?: { readonly id: string; readonly subject: string; readonly verdict: CauseVerdict }
  /** Suspects that were measured and cleared. */
  readonly ruledOut: readonly string[]
  readonly findings: readonly AttachedFinding[]
  readonly outages: readonly { readonly fromMs: number; readonly toMs: number | null }[]
  readonly mergedInto?: string
  /** In the order of time, which corrections may change. */
  readonly timeline: readonly TimelineEntry[]
}

export interface NamedCause {
  readonly id: string
  readonly subject: string
  readonly verdict: CauseVerdict
  readonly atMs: number
  readonly withdrawnMs: number | null
}

export interface AttachedFinding {
  readonly check: string
  readonly subject: string
  readonly openedMs: number
  readonly closedMs: number | null
}

export interface TimelineEntry {
  /** null while it is not stored. */
  readonly seq: number | null
  readonly atMs: number
  readonly type: IncidentBody['type'] | FindingBody['type']
  readonly words: string
  /** The machine did not allow it: it stands in the log, and moved nothing. */
  readonly ignored?: true
}
