import type { Digest } from '../engines/postgres/rows/comparable.ts'

/** One look at both sides: source, fence, target, source again. All with versions. */
export interface Round {
  readonly before: Digest
  readonly target: Digest
  readonly after: Digest
}

export type Judgement = 'equal' | 'different' | 'again'

const untouched = (a: Digest, b: Digest): boolean =>
  a.hash === b.hash && a.versions !== null && a.versions === b.versions

/**
 * Settles a set of rows that was seen unequal. The `after` of a round is the `before` of the next.
 *
 * Rows that the source held unchanged from before the fence until after the target was read must be on the target: one
 * round proves them missing or changed. A row that only the target has may have been written and deleted on the source in
 * between: two rounds with the same row versions there prove that it was not, because the second fence lies behind a read
 * that did not show it. Without versions a flag that flips there and back would look like a difference.
 */
export function judge(rounds: readonly Round[]): Judgement {
  const last = rounds.at(-1)
  if (last === undefined) return 'again'
  if (last.target.hash === last.before.hash || last.target.hash === last.after.hash) return 'equal'
  const previous = rounds.at(-2)
  if (previous === undefined || !untouched(previous.target, last.target)) return 'again'
  return untouched(previous.before, previous.after) && untouched(previous.after, last.after) ? 'different' : 'again'
}
