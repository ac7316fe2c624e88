import type { DifferingRow, TableReport } from '../../core/verification.ts'
import { withActor, type Actor } from '../../engines/postgres/act/actor.ts'
import type { RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import { greatest } from '../../engines/postgres/act/foreign-keys.ts'
import { lookAtTable, lookAtTarget, type TableLook, type TargetLook } from '../../engines/postgres/act/repair-look.ts'
import type { Key } from '../../engines/postgres/rows/comparable.ts'
import { readFollowers, countThere, type Follower } from '../../engines/postgres/rows/followers.ts'
import { ReadFailed, type NodeReader } from '../../engines/postgres/rows/node-reader.ts'
import type { Links } from '../../rows/links.ts'
import type { TableName } from '../../rows/prepare.ts'
import { remedyOf, wordsOf } from '../../rows/refusal.ts'
import { openOnBoth, pairOf } from './on-both.ts'
import { assertKnown, type RowsReach } from './reach.ts'
import { changesTo, settleImages } from './settle.ts'
import { isExtra, isMissing, type Direction, type TableRows } from './table-rows.ts'
import { batchRows, inBatches } from './writing.ts'

/** A table of a report, by its names. */
export interface Reported extends TableName {
  readonly report: Pick<TableReport, 'verdict' | 'detail' | 'more'> & {
    readonly differing: readonly Pick<DifferingRow, 'key'>[]
  }
}

export interface Gathered {
  readonly target: TargetLook
  readonly tables: readonly TableRows[]
}

const limits = {
  actMs: { default: 60_000, unit: 'ms', why: 'what a plan reads of the catalog, and the greatest value of a column' },
} as const

/** Reads all that a plan is made of: rows from both nodes, what a write would set off from the one that is written. */
export async function gather(
  reach: RowsReach,
  direction: Direction,
  tables: readonly Reported[],
  signal: AbortSignal,
): Promise<Gathered> {
  assertKnown(reach, [direction.left, direction.right])
  const { target: node } = direction
  const options = { signal, deadlineMs: limits.actMs.default, about: aboutRows(node) }
  const act = async <T>(work: (actor: Actor) => Promise<T>): Promise<T> =>
    withActor(node, reach.act(node), options, work)
  const target = await act(lookAtTarget)
  if (target.isInRecovery) return { target, tables: [] }
  return reach.read(signal, async (links) => {
    const followers = await followersOf(reach, links, direction, target, signal)
    const gathered: TableRows[] = []
    for (const table of tables) {
      const look = await act(async (actor) => lookAtTable(actor, table.schema, table.table))
      const rows = await rowsOf(reach, links, direction, table, look, signal)
      const most = look === null ? {} : await act(async (actor) => greatestOf(actor, rows, look))
      gathered.push({
        ...rows,
        greatest: most,
        sentOn: await sentOn(links, followers, rows, { direction, target }, signal),
      })
    }
    return { target, tables: gathered }
  })
}

/** One plan at a time acts on the rows of a node: they share the replication origin. */
export const aboutRows = (node: string): string => `rows of ${node}`

async function rowsOf(
  reach: RowsReach,
  links: Links,
  direction: Direction,
  { schema, table, report }: Reported,
  look: TableLook | null,
  signal: AbortSignal,
): Promise<TableRows> {
  const { verdict, detail, more } = report
  const side = direction.target === direction.right ? 'right' : 'left'
  const bare: TableRows = {
    schema,
    table,
    verdict,
    detail,
    more,
    key: [],
    columns: [],
    compared: [],
    rows: [],
    healed: 0,
    moving: [],
    inexact: [],
    twice: [],
    problem: null,
    look,
    greatest: {},
    sentOn: [],
  }
  try {
    const pair = await pairOf(links, direction)
    const opened = await openOnBoth(pair, { schema, table }, reach.passiveFence, signal)
    const compared = opened.table.compared.map(({ name }) => name)
    const known = { ...bare, key: opened.table[side].key, columns: opened.table[side].columns, compared }
    if (opened.left.length > 0)
      return { ...known, problem: { why: opened.left.join('; '), remedy: 'Make the columns the same on both nodes.' } }
    // Two rows may have been listed under one key, where an index is damaged.
    const keys = [...new Map(report.differing.map(({ key }) => [JSON.stringify(key), key])).values()]
    if (known.key.length === 0 || more || keys.some((key) => key.length === 0)) return { ...known, more }
    return await settled(known, opened.table, side, keys, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ReadFailed)) throw error
    return { ...bare, problem: { why: wordsOf(error), remedy: remedyOf(error, schema, table) } }
  }
}

async function settled(
  known: TableRows,
  table: Awaited<ReturnType<typeof openOnBoth>>['table'],
  side: 'left' | 'right',
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<TableRows> {
  let rows = known
  for (const some of inBatches(keys)) {
    const { differing, equal, moving, lagging } = await settleImages(table, some, signal)
    if (lagging !== null) return { ...rows, verdict: 'lagging', detail: lagging, rows: [] }
    const once = differing.filter(({ isTwice }) => !isTwice.left && !isTwice.right)
    const exact = once.filter(({ isExact }) => isExact)
    rows = {
      ...rows,
      rows: [...rows.rows, ...changesTo(side, exact, rows.compared)],
      healed: rows.healed + equal,
      moving: [...rows.moving, ...moving],
      inexact: [...rows.inexact, ...once.filter(({ isExact }) => !isExact).map(({ key }) => key)],
      twice: [...rows.twice, ...differing.filter((row) => !once.includes(row)).map(({ key }) => key)],
    }
  }
  return rows
}

/** What the sequences of the table must be past: its own values, and those of the rows that come. */
async function greatestOf(actor: Actor, rows: TableRows, look: TableLook): Promise<TableRows['greatest']> {
  const most: Record<string, string> = {}
  for (const { column } of look.sequences) {
    const values = [...rows.rows.map(({ to }) => to?.[column]), await greatest(actor, rows, column)]
    const numbers = values.flatMap((value) => (typeof value === 'string' ? [BigInt(value)] : []))
    const top = numbers.reduce<bigint | null>((max, value) => (max === null || value > max ? value : max), null)
    if (top !== null) most[column] = String(top)
  }
  return most
}

interface FollowerOf extends Follower {
  readonly node: string
}

/** Subscriptions of other nodes whose slots are on the node that is written. */
async function followersOf(
  reach: RowsReach,
  links: Links,
  { target }: Direction,
  { slots }: TargetLook,
  signal: AbortSignal,
): Promise<readonly FollowerOf[]> {
  if (slots.length === 0) return []
  const found: FollowerOf[] = []
  for (const node of reach.nodes) {
    if (node === target) continue
    try {
      const all = await readFollowers(await links.reader(node), signal)
      found.push(...all.flatMap((each) => (slots.includes(each.slot) ? [{ ...each, node }] : [])))
    } catch (error) {
      // A node that does not answer is told in the plan by the slot that it reads from.
      if (!(error instanceof ReadFailed)) throw error
    }
  }
  return found
}

interface Writing {
  readonly direction: Direction
  readonly target: TargetLook
}

/**
 * Rows that would be sent to where they are already: to other followers those that are to be inserted, and to the source of two
 * nodes that follow each other all, over whatever it has by then.
 */
async function sentOn(
  links: Links,
  followers: readonly FollowerOf[],
  rows: TableRows,
  { direction, target }: Writing,
  signal: AbortSignal,
): Promise<TableRows['sentOn']> {
  const counted: TableRows['sentOn'][number][] = []
  for (const { node, subscription, publications: follows, takesOrigins } of followers) {
    const carrying = rows.look?.publications.filter(({ name }) => follows.includes(name)) ?? []
    // What is marked with an origin is not sent to a subscription that wants none.
    if (!takesOrigins && target.mayOriginate) continue
    const keys = carrying.some(({ insert }) => insert) ? rows.rows.filter(isMissing).map(({ key }) => key) : []
    const isBack = node === direction.source && direction.target === direction.right
    const there = isBack
      ? rows.rows.filter((row) => carrying.some((publication) => carries(publication, row))).length
      : await countOn(await links.reader(node), rows, keys, signal)
    if (there > 0) counted.push({ node, subscription, rows: there })
  }
  return counted
}

const carries = (publication: TableLook['publications'][number], row: RowChange): boolean =>
  isMissing(row) ? publication.insert : isExtra(row) ? publication.delete : publication.update

async function countOn(
  reader: NodeReader,
  rows: TableRows,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<number> {
  let there = 0
  for (let n = 0; n < keys.length; n += batchRows)
    there += await countThere(reader, rows, keys.slice(n, n + batchRows), signal)
  return there
}
