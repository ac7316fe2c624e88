import { AntemortemError } from '../../core/error.ts'
import type { RowImage } from '../../core/verification.ts'
import { differsFrom, type Moved, type RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import type { Key } from '../../engines/postgres/rows/comparable.ts'
import type { Output } from '../../plans/doer.ts'
import { shownTable } from '../names.ts'
import type { BatchInput } from './batch.ts'
import { openOnBoth, pairOf } from './on-both.ts'
import { assertKnown, type RowsReach } from './reach.ts'
import { readSide, settleImages } from './settle.ts'
import { inBatches } from './writing.ts'

/** Compares the same keys of both nodes again, behind a fence. */
export async function prove(
  reach: RowsReach,
  batch: BatchInput,
  rows: readonly RowChange[],
  signal: AbortSignal,
): Promise<Output> {
  return reach.read(signal, async (links) => {
    const { table } = await openOnBoth(await pairOf(links, batch), batch, reach.passiveFence, signal)
    for (const some of inBatches(rows.map(({ key }) => key))) {
      const { differing, moving, lagging } = await settleImages(table, some, signal)
      if (lagging !== null) throw unproven(batch, `no fence was reached: ${lagging}`)
      const twice = differing.filter(({ isTwice }) => isTwice.right)
      if (twice.length > 0 && batch.subscription === null) throw shownTwice(batch, twice.length)
      const [first] = differing
      if (first)
        throw unproven(batch, `${differing.length} of them differ, the first with key ${JSON.stringify(first.key)}`)
      if (moving.length > 0) throw unproven(batch, `${moving.length} of them are written again and again`)
    }
    return { rows: rows.length, verdict: 'consistent' }
  })
}

export interface SortedOut {
  /** Still to be exchanged. */
  readonly rows: readonly RowChange[]
  /** Equal on both nodes by now: somebody wrote them since, and replication brought them whole. */
  readonly healed: number
  /** The source has another row than was planned, and the nodes still differ. */
  readonly moved: readonly Moved[]
}

/**
 * The rows that are to be copied must still be what was planned: else the plan would write what is over. On a node that is
 * written all the time some will have moved; one that has come right by that needs no repair. `suspects` moved on the target.
 */
export async function sortOut(
  reach: RowsReach,
  batch: BatchInput,
  rows: readonly RowChange[],
  suspects: readonly Moved[],
  signal: AbortSignal,
): Promise<SortedOut> {
  assertKnown(reach, [batch.left, batch.right])
  if (rows.length === 0) return { rows, healed: 0, moved: [] }
  return reach.read(signal, async (links) => {
    const { table } = await openOnBoth(await pairOf(links, batch), batch, reach.passiveFence, signal)
    const side = batch.source === batch.left ? 'left' : 'right'
    const keys = rows.map(({ key }) => key)
    const found = new Map<string, RowImage[]>()
    for (const { key, image } of await readSide(table, side, keys, signal))
      found.set(JSON.stringify(key), [...(found.get(JSON.stringify(key)) ?? []), image])
    const moved = new Map(suspects.map((row) => [JSON.stringify(row.key), row]))
    for (const { key, to } of rows) {
      const why = differsFrom(to, found.get(JSON.stringify(key)) ?? [])
      if (why !== null) moved.set(JSON.stringify(key), { key, why: `on ${batch.source}, ${why}` })
    }
    if (moved.size === 0) return { rows, healed: 0, moved: [] }
    const settled = await settleImages(
      table,
      [...moved.values()].map(({ key }) => key),
      signal,
    )
    const open = new Set(
      [...settled.differing.map(({ key }) => key), ...settled.moving].map((key) => JSON.stringify(key)),
    )
    const isOpen = ({ key }: { readonly key: Key }): boolean =>
      settled.lagging !== null || open.has(JSON.stringify(key))
    return {
      rows: rows.filter(({ key }) => !moved.has(JSON.stringify(key))),
      healed: [...moved.values()].filter((row) => !isOpen(row)).length,
      moved: [...moved.values()].filter(isOpen),
    }
  })
}

/** Rows that came back lie on other pages than those that were lost; what no WAL ever told, a standby still has. */
const shownTwice = (batch: BatchInput, rows: number): AntemortemError =>
  new AntemortemError(
    'rows-twice',
    `${shownTable(batch)}: ${batch.left} has the rows again, and ${batch.right} shows ${rows} of them twice: the pages that ${batch.left} had lost are still there, or index entries that lead to them, because no WAL told of their loss`,
    `On ${batch.left}: vacuum full ${shownTable(batch)}, which writes the table anew for both and locks it meanwhile; or re-clone ${batch.right}. Then go on: the rows are compared once more.`,
    { exit: 4 },
  )

const unproven = (batch: BatchInput, why: string): AntemortemError =>
  new AntemortemError(
    'rows-unproven',
    `the repaired rows of ${shownTable(batch)} were not seen to be equal on ${batch.left} and ${batch.right}: ${why}`,
    'Compare again; if it stays so, somebody writes on both nodes: make the plan again, or take this one back.',
    { exit: 4 },
  )
