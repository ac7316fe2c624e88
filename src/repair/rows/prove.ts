import { AntemortemError } from '../../core/error.ts'
import type { Refusal } from '../../core/plan.ts'
import { differsFrom, type RowChange } from '../../engines/postgres/act/exchange-rows.ts'
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
      const twice = differing.filter(({ isTwice }) => isTwice)
      if (twice.length > 0 && batch.subscription === null) throw shownTwice(batch, twice.length)
      const [first] = differing
      if (first)
        throw unproven(batch, `${differing.length} of them differ, the first with key ${JSON.stringify(first.key)}`)
      if (moving.length > 0) throw unproven(batch, `${moving.length} of them are written again and again`)
    }
    return { rows: rows.length, verdict: 'consistent' }
  })
}

/** The rows that are to be copied must still be what was planned: else the plan would write what is over. */
export async function whyMovedAtSource(
  reach: RowsReach,
  batch: BatchInput,
  signal: AbortSignal,
): Promise<Refusal | null> {
  assertKnown(reach, [batch.left, batch.right])
  return reach.read(signal, async (links) => {
    const { table } = await openOnBoth(await pairOf(links, batch), batch, reach.passiveFence, signal)
    const side = batch.source === batch.left ? 'left' : 'right'
    const read = await readSide(
      table,
      side,
      batch.rows.map(({ key }) => key),
      signal,
    )
    const found = new Map(read.map(({ key, image }) => [JSON.stringify(key), [image]]))
    const moved = batch.rows.flatMap(({ key, to }) => {
      const why = differsFrom(to, found.get(JSON.stringify(key)) ?? [])
      return why === null ? [] : [{ key, why }]
    })
    const [first] = moved
    return first
      ? {
          id: 'source-moved',
          why: `${shownTable(batch)} on ${batch.source}: ${moved.length} ${moved.length === 1 ? 'row' : 'rows'} changed there since the plan was made, the first ${JSON.stringify(first.key)} (${first.why}): make the plan again`,
          evidence: { node: batch.source, rows: moved.length },
        }
      : null
  })
}

/** Rows that came back lie on other pages than those that were lost; what no WAL ever told, a standby still has. */
const shownTwice = (batch: BatchInput, rows: number): AntemortemError =>
  new AntemortemError(
    'rows-twice',
    `${shownTable(batch)}: ${batch.left} has the rows again, and ${batch.right} shows ${rows} of them twice: the pages that ${batch.left} had lost are still there, because no WAL told of their loss`,
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
