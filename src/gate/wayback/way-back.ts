import type { RollbackClass } from '../../core/gate.ts'

/** One statement of the way back, on its node. */
export interface BackStep {
  readonly node: string
  readonly sql: string
}

/** How far a change can be taken back once it is committed, and how that is known. */
export interface WayBack {
  readonly rollback: RollbackClass
  /** In order; empty where nothing was tried. */
  readonly steps: readonly BackStep[]
  /** What was seen, or why it was not tried. */
  readonly words: string
}
