import type { RowImage } from '../../core/verification.ts'
import type { Copies } from '../../engines/postgres/rows/comparable.ts'
import type { DifferingRow, Reads } from './state.ts'

/** What the rounds until now show of copies of rows. */
export interface SettledCopies {
  readonly differing: readonly DifferingRow[]
  /** Hashes to be looked at again. */
  readonly open: readonly string[]
}

const byHash = (copies: readonly Copies[]): ReadonlyMap<string, Copies> =>
  new Map(copies.map((each) => [each.hash, each]))

const kept = (a: Copies | undefined, b: Copies | undefined): number => {
  const there = new Set(b?.versions)
  return (a?.versions ?? []).filter((version) => there.has(version)).length
}

/**
 * Settles copies of rows that have no key. Which copy of several a subscriber deletes is its own choice, so only numbers count.
 *
 * Copies that the source held from before the fence until after the target was read must all be on the target: fewer there are
 * missing. Copies that the target held from one round to the next were there at every moment between, also when it had come
 * exactly as far as the source at its read between them: more than the source had at any of its reads are too many. All its
 * reads, not only that one, because on the source commits may become visible in another order than they are replayed in.
 *
 * Only from the second round on: then the rows themselves were read as evidence, together with what proves the difference.
 */
export function settleCopies(rounds: readonly Reads<Copies>[], open: readonly string[] | null): SettledCopies {
  const last = rounds.at(-1)
  if (!last) return { differing: [], open: open ?? [] }
  const [before, target, after] = [byHash(last.before), byHash(last.target), byHash(last.after)]
  const count = (copies: ReadonlyMap<string, Copies>, hash: string): number => copies.get(hash)?.versions.length ?? 0
  const hashes = open ?? [...new Set([...before.keys(), ...target.keys(), ...after.keys()])]
  const unequal = hashes.filter((hash) => {
    const there = count(target, hash)
    return there !== count(before, hash) && there !== count(after, hash)
  })
  const previous = rounds.at(-2)
  if (!previous) return { differing: [], open: unequal }
  const [wasBefore, wasTarget, wasAfter] = [byHash(previous.before), byHash(previous.target), byHash(previous.after)]
  const differing: DifferingRow[] = []
  const again: string[] = []
  for (const hash of unequal) {
    const missing = kept(before.get(hash), after.get(hash)) - count(target, hash)
    const most = Math.max(...[wasBefore, wasAfter, before, after].map((copies) => count(copies, hash)))
    const extra = kept(wasTarget.get(hash), target.get(hash)) - most
    if (missing > 0) differing.push(...times(missing, { kind: 'missing', left: imageIn(after, hash) }))
    else if (extra > 0) differing.push(...times(extra, { kind: 'extra', right: imageIn(target, hash) }))
    else again.push(hash)
  }
  return { differing, open: again }
}

const imageIn = (copies: ReadonlyMap<string, Copies>, hash: string): RowImage | null => copies.get(hash)?.image ?? null

function times(
  copies: number,
  { kind, left = null, right = null }: Pick<DifferingRow, 'kind' | 'left' | 'right'>,
): readonly DifferingRow[] {
  const isKept = left !== null || right !== null
  const row: DifferingRow = { key: [], kind, columns: [], ...(isKept && { left, right }) }
  return Array.from({ length: copies }, () => row)
}
