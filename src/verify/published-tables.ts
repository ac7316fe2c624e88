import type { PublicationFact, SubscriptionFact } from '../core/facts/postgres/publication.ts'
import type { ListedTable } from '../engines/postgres/rows/list-tables.ts'
import type { TableName } from '../rows/prepare.ts'
import { tableName } from './names.ts'
import { foreignTables, largeObjects, listed } from './not-covered.ts'
import type { IsWanted, PairInventory, Selection } from './tables.ts'
import { grantsOf, unknownTable, wantedTable, type WantedTable } from './wanted-table.ts'

/** A subscriber has what its subscriptions name: partitions or their root, as the publication sends them. */
export function logicalTables(
  { pair, left, right, publications, feeds, back }: PairInventory,
  subscriptions: readonly SubscriptionFact[],
  isWanted: IsWanted,
): Selection {
  const grants = grantsOf(pair, right)
  const known = new Map(left.tables.map((table) => [tableName(table), table]))
  const carried = new Map(
    subscriptions.flatMap((subscription) =>
      subscription.tables.map(
        ({ schema, name }) => [tableName({ schema, table: name }), { subscription, schema, name }] as const,
      ),
    ),
  )
  const sent = publications === null ? [] : publishedTables(publications, subscriptions)
  const sentNames = new Set(sent.map(({ table }) => tableName(table)))
  const isLost = (table: TableName): boolean => publications !== null && !sentNames.has(tableName(table))
  const subscribed = [...carried.values()]
    .map(({ subscription, schema, name: table }) => ({
      listedTable: known.get(tableName({ schema, table })) ?? unknownTable(schema, table),
      subscription,
    }))
    .filter(({ listedTable }) => isWanted(listedTable))
    .map(({ listedTable, subscription }): WantedTable => ({
      ...wantedTable(listedTable, grants(listedTable)),
      subscription: subscription.name,
      back: carrying(back, listedTable)[0] ?? null,
      suspicion: isLost(listedTable) ? lostBy(subscription) : null,
      excuse:
        severalFeeds(pair.right, carrying(feeds, listedTable)) ??
        (publications === null ? null : excuseOf(publications, subscription, listedTable)),
    }))
  const forgotten = new Map(
    sent
      .filter(({ table }) => !carried.has(tableName(table)))
      .map(({ table, subscription }): WantedTable => {
        const listedTable = known.get(tableName(table)) ?? unknownTable(table.schema, table.table)
        const detail = `it is published, and subscription ${subscription} does not know it yet`
        const remedy = `On ${pair.right}: alter subscription ${subscription} refresh publication;`
        return { ...wantedTable(listedTable, { detail, remedy }), subscription }
      })
      .filter(({ schema, table }) => isWanted(known.get(tableName({ schema, table })) ?? unknownTable(schema, table)))
      .map((table) => [table.name, table]),
  )
  const names = new Set([...carried.keys(), ...sentNames])
  const published = (table: ListedTable): boolean =>
    names.has(tableName(table)) || (table.root !== null && names.has(tableName(table.root)))
  const rest = left.tables.filter((table) => isWanted(table) && !published(table))
  return {
    tables: [...subscribed, ...forgotten.values()].sort(byName),
    notCovered: [
      ...listed(
        pair,
        'tables',
        rest.filter(({ kind, root }) => kind === 'r' && root === null),
        `no subscription of ${pair.right} carries them`,
      ),
      ...listed(
        pair,
        'materialized views',
        rest.filter(({ kind }) => kind === 'm'),
        'logical replication does not carry them',
      ),
      ...foreignTables(pair, rest),
      ...largeObjects(pair, left, 'logical replication does not carry them'),
    ],
  }
}

const byName = (a: WantedTable, b: WantedTable): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

interface Sent {
  readonly table: TableName
  readonly subscription: string
}

const publishedTables = (
  publications: readonly PublicationFact[],
  subscriptions: readonly SubscriptionFact[],
): readonly Sent[] =>
  subscriptions.flatMap((subscription) =>
    publications
      .filter(({ name }) => subscription.publications.includes(name))
      .flatMap(({ tables }) =>
        tables.map(({ schema, name }) => ({ table: { schema, table: name }, subscription: subscription.name })),
      ),
  )

const carrying = (subscriptions: readonly SubscriptionFact[], { schema, table }: TableName): readonly string[] =>
  subscriptions
    .filter(({ tables }) => tables.some((each) => each.schema === schema && each.name === table))
    .map(({ name }) => name)

const lostBy = ({ name, publications }: SubscriptionFact): WantedTable['suspicion'] => ({
  detail: `subscription ${name} lists it, and publication ${publications.join(', ')} does not carry it any more`,
  remedy: 'Have it published again before its rows are repaired: antemortem diagnose has the orders.',
})

/** Rows of one publisher are no mistake of the other. */
const severalFeeds = (node: string, names: readonly string[]): string | null =>
  names.length < 2
    ? null
    : `subscriptions ${names.join(' and ')} of ${node} both bring rows into it: which of them a row is from is not known`

/** A publication that leaves out updates or deletes makes another table of it, by its own wish. */
function excuseOf(
  publications: readonly PublicationFact[],
  { publications: names }: SubscriptionFact,
  { schema, table }: TableName,
): string | null {
  const listing = publications.filter(
    (publication) =>
      names.includes(publication.name) &&
      publication.tables.some((each) => each.schema === schema && each.name === table),
  )
  if (listing.length === 0) return null
  const missing = (['insert', 'update', 'delete'] as const).filter(
    (operation) => !listing.some(({ publishes }) => publishes[operation]),
  )
  if (missing.length === 0) return null
  return `publication ${listing.map(({ name }) => name).join(', ')} leaves out ${missing.join(' and ')}: rows that differ may be so by its own wish`
}
