import type { Scalar } from './json.ts'
import type { Unseen } from './observation.ts'
import type { Severity } from './severity.ts'

/** What a check says is wrong now. How long it lasts is added by `findings/settle`. */
export interface Draft {
  readonly subject: string
  readonly node?: string
  readonly severity?: Severity
  readonly message: string
  /** The database's own names, so that one can look again. */
  readonly evidence: Readonly<Record<string, Scalar>>
  /** An order that a tired person can follow. */
  readonly remedy: string
}

export interface Finding extends Draft {
  readonly check: string
  readonly severity: Severity
  readonly sinceMs: number
  /** It has lasted as long as its check demands before anybody is woken. */
  readonly sustained: boolean
  /** Somebody lives with it: it is shown, and neither counts nor opens an incident. */
  readonly muted?: Muted
}

/** From the configuration's `mutes`. */
export interface Muted {
  readonly owner: string
  readonly reason: string
  readonly untilMs: number
}

export interface Blind extends Omit<Unseen, 'seen'> {
  readonly node: string
  /** Only these were not seen, by the subjects that findings on them would have; without it nothing of the node was. */
  readonly subjects?: readonly string[]
}

/** What of its view a check could not see, and which check. */
export interface Unchecked extends Blind {
  readonly check: string
}

/** ok = looked, and nothing found. */
export interface CheckResult {
  readonly check: string
  readonly looked: readonly string[]
  readonly blind: readonly Blind[]
  readonly found: readonly Finding[]
}
