import type { Key, RowDigest, RowRead } from '../../engines/postgres/rows/comparable.ts'
import type { DifferingRow, Reads, Suspect } from './state.ts'

/** Text of a key, to look it up by. Never an order: two nodes may sort differently. */
export const keyText = (key: Key): string => JSON.stringify(key)

/** A key that a damaged table shows twice is both of its rows: neither may hide the other. */
export function byKey<R extends RowDigest>(rows: readonly R[]): Map<string, R> {
  const found = new Map<string, R>()
  for (const row of rows) {
    const other = found.get(keyText(row.key))
    const both = other ? [other, row].sort((a, b) => (a.hash < b.hash ? -1 : 1)) : [row]
    found.set(keyText(row.key), {
      ...row,
      hash: both.map(({ hash }) => hash).join('+'),
      version: both.map(({ version }) => version).join('+'),
    })
  }
  return found
}

/** Rows that one side has and the other has not, or has otherwise. */
export function suspectsOf(source: readonly RowDigest[], target: readonly RowDigest[]): readonly Suspect[] {
  const onTarget = byKey(target)
  const onSource = byKey(source)
  const keys = [
    ...[...onSource].filter(([text, row]) => onTarget.get(text)?.hash !== row.hash),
    ...[...onTarget].filter(([text]) => !onSource.has(text)),
  ]
  return keys.map(([, row]) => row).map(({ key }) => ({ key, rounds: 0, extraVersion: null }))
}

export interface Settled {
  readonly differing: readonly DifferingRow[]
  /** To be looked at again. */
  readonly open: readonly Suspect[]
}

/**
 * Settles each suspect by what was read of it; see `judge.ts` for why this proves what it says. The rows are evidence as the
 * same reads showed them: what is read later may be another row.
 */
export function settleRows(suspects: readonly Suspect[], reads: Reads<RowRead>): Settled {
  const [before, target, after] = [byKey(reads.before), byKey(reads.target), byKey(reads.after)]
  const differing: DifferingRow[] = []
  const open: Suspect[] = []
  for (const suspect of suspects) {
    const { key } = suspect
    const text = keyText(key)
    const [first, there, last] = [before.get(text), target.get(text), after.get(text)]
    if (there?.hash === first?.hash || there?.hash === last?.hash) continue
    // The source held this very row version all the time: the target must have it.
    if (first && last && first.version === last.version)
      differing.push(found(key, there ? 'changed' : 'missing', last, there))
    else if (!first && !last && there && suspect.extraVersion === there.version)
      differing.push(found(key, 'extra', undefined, there))
    else open.push({ key, rounds: suspect.rounds + 1, extraVersion: !first && !last && there ? there.version : null })
  }
  return { differing, open }
}

function found(
  key: Key,
  kind: DifferingRow['kind'],
  source: RowRead | undefined,
  target: RowRead | undefined,
): DifferingRow {
  const [left, right] = [source?.columns ?? {}, target?.columns ?? {}]
  const columns = kind === 'changed' ? Object.keys(left).filter((name) => left[name] !== right[name]) : []
  const isKept = (source?.image ?? target?.image ?? null) !== null
  return {
    key,
    kind,
    columns: columns.sort(),
    ...(isKept && { left: source?.image ?? null, right: target?.image ?? null }),
  }
}

/** Rows that were proven to differ, and of which the target now shows what the source does. */
export function healedOf(rows: readonly DifferingRow[], reads: Reads<RowRead>): ReadonlySet<DifferingRow> {
  const [before, target, after] = [byKey(reads.before), byKey(reads.target), byKey(reads.after)]
  return new Set(
    rows.filter(({ key }) => {
      const there = target.get(keyText(key))?.hash
      return there === before.get(keyText(key))?.hash || there === after.get(keyText(key))?.hash
    }),
  )
}
