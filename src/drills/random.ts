/** A seeded generator (mulberry32): the same seed gives the same drill on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** In [0, below). */
  int(below: number): number
  pick<T>(from: readonly [T, ...T[]]): T
  /** `count` different ones, in a drawn order. */
  some<T>(from: readonly T[], count: number): readonly T[]
}

export function random(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (below: number): number => Math.floor(next() * below)
  return {
    next,
    int,
    pick: (from) => from[int(from.length)] ?? from[0],
    some: (from, count) => {
      const left = [...from]
      return Array.from({ length: Math.min(count, left.length) }, () => left.splice(int(left.length), 1)).flat()
    },
  }
}
