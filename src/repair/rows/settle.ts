import { setTimeout as sleep } from 'node:timers/promises'
import type { RowImage } from '../../core/verification.ts'
import type { RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import type { Key } from '../../engines/postgres/rows/comparable.ts'
import { ReadFailed } from '../../engines/postgres/rows/node-reader.ts'
import type { ExactColumn } from '../../engines/postgres/rows/exact-column.ts'
import { readImages, type ImagedRow, type KeyedTable } from '../../engines/postgres/rows/row-images.ts'
import { keyText, settleRows } from '../../rows/compare/settle.ts'
import type { Suspect } from '../../rows/compare/state.ts'
import { takeFence, waitFence, type Pair } from '../../rows/fence.ts'
import { refusalOf } from '../../rows/refusal.ts'

const limits = {
  rounds: { default: 6, unit: 'rounds', why: 'a row that is written so often is not for a plan' },
  retries: { default: 6, unit: 'tries', why: 'a standby cancels what runs while rows are cleaned away' },
  pauseMs: { default: 100, unit: 'ms', why: 'a recovery conflict passes' },
  fenceMs: { default: 60_000, unit: 'ms', why: 'a node that is further behind is lagging' },
} as const

/** A table on both nodes of a pair: what is read there, and by which columns it is compared. */
export interface TableOnBoth {
  readonly pair: Pair
  readonly left: KeyedTable
  readonly right: KeyedTable
  readonly compared: readonly ExactColumn[]
  readonly passiveFence: boolean
}

/** Rows as both nodes have them for certain. */
export interface SettledRows {
  readonly differing: readonly {
    readonly key: Key
    readonly left: RowImage | null
    readonly right: RowImage | null
    /** The text of either makes the same bytes again. */
    readonly isExact: boolean
    /** Two rows under this key: a page was lost, and the other row or an older one of it lies elsewhere. */
    readonly isTwice: { readonly left: boolean; readonly right: boolean }
  }[]
  /** Equal. */
  readonly equal: number
  readonly moving: readonly Key[]
  /** Why nothing can be said of them; null: all of them were seen. */
  readonly lagging: string | null
}

/** Reads rows on the left node, behind a fence on the right one, and on the left one again, until each is certain. */
export async function settleImages(
  table: TableOnBoth,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<SettledRows> {
  const { pair, passiveFence: passive } = table
  const differing: SettledRows['differing'][number][] = []
  let suspects: readonly Suspect[] = keys.map((key) => ({ key, rounds: 0, extraVersion: null }))
  for (let round = 0; round < limits.rounds.default && suspects.length > 0; round += 1) {
    const asked = suspects.map(({ key }) => key)
    const before = await readSide(table, 'left', asked, signal)
    const wait = await waitFence(pair, await takeFence(pair.source, signal), {
      deadlineMs: limits.fenceMs.default,
      passive,
      signal,
    })
    if (!wait.reached) return { differing, equal: 0, moving: [], lagging: wait.why }
    const target = await readSide(table, 'right', asked, signal)
    const after = await readSide(table, 'left', asked, signal)
    const settled = settleRows(suspects, { before, target, after })
    const counts = { left: countsOf(after), right: countsOf(target) }
    const [onLeft, onRight] = [byKey(after), byKey(target)]
    for (const { key } of settled.differing) {
      const rows = { left: onLeft.get(keyText(key)) ?? null, right: onRight.get(keyText(key)) ?? null }
      const isExact = [rows.left, rows.right].every((row) => row === null || row.hash === row.back)
      const isTwice = {
        left: (counts.left.get(keyText(key)) ?? 0) > 1,
        right: (counts.right.get(keyText(key)) ?? 0) > 1,
      }
      differing.push({ key, left: rows.left?.image ?? null, right: rows.right?.image ?? null, isExact, isTwice })
    }
    suspects = settled.open
  }
  const moving = suspects.map(({ key }) => key)
  return { differing, equal: keys.length - differing.length - moving.length, moving, lagging: null }
}

function countsOf(rows: readonly ImagedRow[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { key } of rows) counts.set(keyText(key), (counts.get(keyText(key)) ?? 0) + 1)
  return counts
}

const byKey = (rows: readonly ImagedRow[]): ReadonlyMap<string, ImagedRow> =>
  new Map(rows.map((row) => [keyText(row.key), row]))

/** What the server was too busy to say is asked again. */
export async function readSide(
  { pair, left, right, compared }: TableOnBoth,
  side: 'left' | 'right',
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<readonly ImagedRow[]> {
  for (let n = 1; ; n += 1)
    try {
      return side === 'left'
        ? await readImages(pair.source, left, compared, keys, signal)
        : await readImages(pair.target, right, compared, keys, signal)
    } catch (error) {
      if (!(error instanceof ReadFailed) || refusalOf(error) !== 'again' || n >= limits.retries.default) throw error
      await sleep(n * limits.pauseMs.default, undefined, { signal })
    }
}

/** Seen from the node that is written. */
export function changesTo(
  side: 'left' | 'right',
  rows: SettledRows['differing'],
  compared: readonly string[],
): readonly RowChange[] {
  return rows.map(({ key, left, right }) => {
    const [from, to] = side === 'right' ? [right, left] : [left, right]
    return { key, from, to: to && only(to, compared) }
  })
}

const only = (image: RowImage, names: readonly string[]): RowImage =>
  Object.fromEntries(names.flatMap((name) => (name in image ? [[name, image[name] ?? null]] : [])))
