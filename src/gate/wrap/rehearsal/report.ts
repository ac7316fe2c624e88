import type { Change } from '../../../core/change.ts'
import type { GateFinding, GateVerdict } from '../../../core/gate.ts'
import type { CommandOutcome } from '../command/outcome.ts'

/** What a command did to a copy of the cluster. */
export interface CommandRehearsal {
  readonly outcome: CommandOutcome
  readonly verdict: GateVerdict
  readonly findings: readonly GateFinding[]
  /** In the copy. */
  readonly changes: readonly Change[]
  readonly walBytes: number
  readonly notes: readonly string[]
  readonly notRehearsed: readonly string[]
}
