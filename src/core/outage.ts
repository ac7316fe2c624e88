import type { Scalar } from './json.ts'

/** The four places where an outage can be met, in the order in which it reaches them. */
export const stages = ['prevent', 'detect', 'diagnose', 'recover'] as const
export type Stage = (typeof stages)[number]

/**
 * How far a stage is covered. Derived, never set: `armed` is a guard that exists and has never been seen to catch the
 * outage; `regressed` is one that was proven and no longer is.
 */
export type CellState = 'proven' | 'armed' | 'regressed' | 'open' | 'not-applicable'

export interface OutageCell {
  readonly state: CellState
  /** The guard that stands for the stage, as the postmortem writes it; null while none is bound. */
  readonly guard: string | null
  /** Of the proof that decided the state. */
  readonly atMs: number | null
  readonly figures: Readonly<Record<string, Scalar>>
  /** Why it is not proven, in words; null when it is. */
  readonly why: string | null
  /** The command to type next; null when nothing is left to do. */
  readonly next: string | null
}

/** What the postmortem says of its own measures: what `coverage` starts from. */
export interface OutageSource {
  /** Names the drill and the proofs: the leading number of the file's name, or the name without extension. */
  readonly id: string
  readonly title: string
  /** The postmortem's path. */
  readonly source: string
  /** Minutes of the original outage, from its time line; null where it does not say. */
  readonly original: { readonly toCauseMin: number | null; readonly totalMin: number | null }
  /** Guards of its measures, each with the line that names it. */
  readonly guards: readonly { readonly guard: string; readonly line: number }[]
}

/** A past outage, and whether it could still happen today. */
export interface Outage {
  readonly id: string
  readonly title: string
  readonly source: string
  readonly original: OutageSource['original']
  readonly cells: Readonly<Record<Stage, OutageCell>>
}
