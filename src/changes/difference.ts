import type { ChangeKind } from '../core/change.ts'

/** A change without time and id: what one kind's comparison says. */
export interface Difference {
  readonly kind: ChangeKind
  readonly object: string
  readonly before: string | null
  readonly after: string | null
}

/** Pairs the items of two lists by name, in the order of names; one side is undefined where there is none. */
export function* pairByName<T>(
  before: readonly T[],
  after: readonly T[],
  name: (item: T) => string,
): Iterable<readonly [name: string, before: T | undefined, after: T | undefined]> {
  const old = new Map(before.map((item) => [name(item), item]))
  const now = new Map(after.map((item) => [name(item), item]))
  const names = new Set([...old.keys(), ...now.keys()])
  for (const key of [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))) yield [key, old.get(key), now.get(key)]
}
