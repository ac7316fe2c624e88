import type { PublicationFact, SubscriptionFact } from './facts/postgres/publication.ts'
import type { TableFact } from './facts/postgres/schema.ts'

/** What of a table a subscriber is sent; null: all of it. */
export interface Carried {
  readonly columns: readonly string[] | null
  readonly rowFilter: string | null
}

/**
 * What the subscribed publications carry of a table; null where none of them lists it. A row is sent when any of them wants it,
 * and one without a filter wants all. Column lists must be the same in all of them, else the server refuses. Generated columns
 * are left out unless they are listed, or stored and sent by a publication's own option.
 * https://www.postgresql.org/docs/18/logical-replication-row-filter.html#LOGICAL-REPLICATION-ROW-FILTER-COMBINING
 */
export function carriedOf(
  publications: readonly PublicationFact[],
  subscriptions: readonly SubscriptionFact[],
  table: Pick<TableFact, 'schema' | 'name'> & Partial<Pick<TableFact, 'columns'>>,
): Carried | null {
  const named = new Set(subscriptions.flatMap((subscription) => subscription.publications))
  const listed = publications
    .filter(({ name }) => named.has(name))
    .flatMap((publication) =>
      publication.tables
        .filter(({ schema, name }) => schema === table.schema && name === table.name)
        .map((entry) => ({ ...entry, generated: publication.generatedColumns === true })),
    )
  if (listed.length === 0) return null
  const filters = listed.map(({ rowFilter }) => rowFilter)
  const lists = listed.map(({ columns, generated }) =>
    columns === null && generated ? (table.columns?.map(({ name }) => name) ?? null) : columns,
  )
  return {
    columns: lists.includes(null) ? null : [...new Set(lists.flatMap((columns) => columns ?? []))].sort(),
    rowFilter: filters.includes(null) ? null : [...new Set(filters.map((filter) => `(${filter})`))].sort().join(' or '),
  }
}
