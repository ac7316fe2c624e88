import { lsnReached } from '../../core/lsn.ts'
import { withActor, type Actor } from '../../engines/postgres/act/actor.ts'
import { lookAtRows, type RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import { lookAtTarget } from '../../engines/postgres/act/repair-look.ts'
import { lookAtSubscription, uniqueColumns, type SubscriptionLook } from '../../engines/postgres/act/subscription.ts'
import { ReadFailed } from '../../engines/postgres/rows/node-reader.ts'
import type { KeyedTable } from '../../engines/postgres/rows/row-images.ts'
import { readProgress } from '../../engines/postgres/rows/wal-position.ts'
import { rowsWrittenBy } from '../../engines/postgres/rows/written-by.ts'
import type { Links } from '../../rows/links.ts'
import { wordsOf } from '../../rows/refusal.ts'
import { shownTable } from '../names.ts'
import { aboutRows } from './gather.ts'
import { openOnBoth, pairOf } from './on-both.ts'
import { assertKnown, type RowsReach } from './reach.ts'
import type { ApplyFailure } from './stuck.ts'
import type { StuckSubscription } from './stuck-plan.ts'
import type { Direction } from './table-rows.ts'

const limits = {
  actMs: { default: 60_000, unit: 'ms', why: 'rows in the way are looked up by a unique index' },
} as const

/**
 * Finds the rows that stand in the way. The log names the table, the index and the publisher's transaction, and no value; but
 * on the publisher the rows of that transaction still bear its number.
 */
export async function gatherStuck(
  reach: RowsReach,
  failure: ApplyFailure,
  publisher: string,
  signal: AbortSignal,
): Promise<StuckSubscription | null> {
  assertKnown(reach, [failure.node, publisher])
  const options = { signal, deadlineMs: limits.actMs.default, about: aboutRows(failure.node) }
  const act = async <T>(work: (actor: Actor) => Promise<T>): Promise<T> =>
    withActor(failure.node, reach.act(failure.node), options, work)
  const { subscription, target } = await act(async (actor) => ({
    subscription: await lookAtSubscription(actor, failure.subscriptionOid),
    target: await lookAtTarget(actor),
  }))
  // Dropped since, or of another database.
  if (!subscription) return null
  const direction: Direction = {
    left: publisher,
    right: failure.node,
    subscription: subscription.name,
    target: failure.node,
    source: publisher,
  }
  return reach.read(signal, async (links) => {
    if (await isOver(links, direction, failure, signal)) return null
    const touched = await touchedBy(reach, links, direction, subscription, failure.xid, signal)
    const found = await rowsInTheWay(reach, links, direction, failure, act, signal)
    return { failure, direction, subscription, target, touched, ...found }
  })
}

/** The worker has come by the place since: what the log says is of the past. */
async function isOver(
  links: Links,
  direction: Direction,
  { lsn }: ApplyFailure,
  signal: AbortSignal,
): Promise<boolean> {
  const pair = await pairOf(links, direction)
  const progress = await readProgress(pair.target, pair.follows, signal)
  return progress.lsn !== null && (lsn === null || lsnReached(progress.lsn, lsn))
}

type Found = Pick<StuckSubscription, 'table' | 'inTheWay' | 'notFound'>

async function rowsInTheWay(
  reach: RowsReach,
  links: Links,
  direction: Direction,
  failure: ApplyFailure,
  act: <T>(work: (actor: Actor) => Promise<T>) => Promise<T>,
  signal: AbortSignal,
): Promise<Found> {
  const { schema, table: name } = failure
  const not = (notFound: string): Found => ({ table: null, inTheWay: [], notFound })
  if (schema === null || name === null) return not(`the log of ${failure.node} names no table: ${failure.message}`)
  if (failure.indexes.length === 0)
    return not(
      `no row is in its way, as far as the log says: ${failure.message}. Mend what it names; apply goes on by itself`,
    )
  try {
    const pair = await pairOf(links, direction)
    const { table } = await openOnBoth(pair, { schema, table: name }, reach.passiveFence, signal)
    const written = await rowsWrittenBy(pair.source, table.left, failure.xid, signal)
    if (written.length === 0)
      return not(
        `no row of ${shownTable({ schema, table: name })} on ${direction.source} bears the number of transaction ${failure.xid} any more: the row was written again or deleted since. The log of ${failure.node} has its key`,
      )
    const inTheWay = await act(async (actor) => {
      const uniques = await uniqueColumns(actor, { schema, table: name })
      const rows = new Map<string, RowChange>()
      for (const index of failure.indexes)
        for (const row of await holders(actor, table.right, uniques[index] ?? [], written))
          if (failure.operation !== 'UPDATE' || !written.some(({ key }) => same(key, row.key)))
            rows.set(JSON.stringify(row.key), row)
      return [...rows.values()]
    })
    return inTheWay.length > 0
      ? { table: table.right, inTheWay, notFound: null }
      : not(
          `no row of ${shownTable({ schema, table: name })} on ${direction.target} is in its way any more: apply goes on by itself`,
        )
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error
    return not(wordsOf(error))
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Rows of the subscriber with a value of a unique index that the publisher's transaction wrote. */
async function holders(
  actor: Actor,
  table: KeyedTable,
  unique: readonly string[],
  written: readonly { readonly image: Readonly<Record<string, string | null>> }[],
): Promise<readonly RowChange[]> {
  const values = written
    .filter(({ image }) => unique.length > 0 && unique.every((name) => typeof image[name] === 'string'))
    .map(({ image }) => unique.map((name) => image[name] ?? ''))
  if (values.length === 0) return []
  const found = await lookAtRows(actor, { ...table, key: unique }, values)
  const padded = new Set(table.columns.filter(({ isPadded }) => isPadded).map(({ name }) => name))
  return [...found.values()].flat().map((image) => ({
    key: table.key.map((name) => (padded.has(name) ? (image[name] ?? '').replace(/ +$/, '') : (image[name] ?? ''))),
    from: image,
    to: null,
  }))
}

/** Which of the subscription's tables still show a row that this transaction wrote. What it deleted shows nowhere. */
async function touchedBy(
  reach: RowsReach,
  links: Links,
  direction: Direction,
  subscription: SubscriptionLook,
  xid: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const pair = await pairOf(links, direction)
  const touched: string[] = []
  for (const name of subscription.tables)
    try {
      const { table } = await openOnBoth(pair, name, reach.passiveFence, signal)
      const rows = table.left.key.length === 0 ? [] : await rowsWrittenBy(pair.source, table.left, xid, signal)
      if (rows.length > 0) touched.push(shownTable(name))
    } catch (error) {
      // It is verified all the same: all tables of the subscription are.
      if (!(error instanceof ReadFailed)) throw error
    }
  return touched
}
