import type { Accepted } from '../../core/accepted.ts'
import type { Change } from '../../core/change.ts'
import type { GateReport } from '../../core/gate.ts'
import type { Snapshot } from '../../core/snapshot.ts'

/** What the gate says of a command that it wrapped. */
export interface WrapReport extends GateReport {
  /** What it changed, and somebody had said that it would. */
  readonly declared: readonly Change[]
  /** Settings files that were put back byte for byte. */
  readonly restored: readonly string[]
  /** What a person must know beside the findings. */
  readonly notes: readonly string[]
  /** What nobody looked at. */
  readonly notSeen: readonly string[]
  readonly tookMs: number
  /** Somebody has to act: a file could not be put back. */
  readonly needsPerson: boolean
  /** Where all is well: what is the last known good from now on. */
  readonly good: { readonly snapshot: Snapshot; readonly files: Accepted['files'] } | null
}
