import type { Scalar } from './json.ts'
import type { Stage } from './outage.ts'

/** A dated piece of evidence that a guard caught an outage: harm without it, none with it, measured. */
export interface Proof {
  readonly guard: string
  readonly outage: string
  readonly cell: Stage
  readonly atMs: number
  readonly how: 'drill' | 'rehearsal'
  /** The outage really hurts here when the guard is off: else the drill has shown nothing. */
  readonly harmWithout: boolean
  readonly caughtWith: boolean
  readonly figures: Readonly<Record<string, Scalar>>
  /** sha256 of the bundle or report that shows it. */
  readonly artefact: string
  /** The version that proved it. */
  readonly program: string
  readonly ok: boolean
}
