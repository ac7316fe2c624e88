import type { Scalar } from './json.ts'

/** A plan is data: printable, and the only thing that acting code accepts. */
export interface Plan {
  readonly id: string
  readonly kind: string
  readonly subject: string
  readonly cluster: string
  readonly basis: { readonly fingerprint: string; readonly atMs: number; readonly expiresMs: number }
  readonly steps: readonly Step[]
  readonly refusals: readonly Refusal[]
  /** The plan that this one takes back; its steps keep their numbers. */
  readonly undoes?: string
  /** What an undoing plan leaves as it is. */
  readonly notUndone?: readonly NotUndone[]
}

/** A step whose effect stays when the plan is undone, and why. */
export interface NotUndone {
  readonly n: number
  readonly words: string
  readonly why: string
}

export interface Step {
  readonly n: number
  /** Which doer carries it out. */
  readonly kind: string
  /** What it does, in one sentence. */
  readonly words: string
  readonly node: string | null
  readonly input: Readonly<Record<string, Scalar>>
  /** `check-first`: a step begun and not ended is probed before it is done again. */
  readonly idempotent: 'yes' | 'check-first'
  readonly undo: Undo
  readonly deadlineMs: number
}

export type Undo =
  | { readonly step: Pick<Step, 'kind' | 'words' | 'node' | 'input' | 'deadlineMs'> }
  | { readonly none: string }

/** Why a step that changed nothing has no undo. */
export const onlyRead = 'it only read'

export interface Refusal {
  readonly id: string
  readonly why: string
  readonly evidence: Readonly<Record<string, Scalar>>
}

export type Phase = 'begun' | 'done' | 'failed' | 'unknown' | 'undone'

/** A line of the journal. A step begun without an end is probed, never repeated blindly. */
export interface JournalEntry {
  readonly plan: string
  /** Of the lease under which it was written: an older holder can write nothing more. */
  readonly epoch: number
  readonly n: number
  readonly phase: Phase
  readonly atMs: number
  readonly output: Readonly<Record<string, Scalar>>
}
