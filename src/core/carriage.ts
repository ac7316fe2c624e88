import type { PublicationFact, PublishedTableFact, SubscriptionFact } from './facts/postgres/publication.ts'

/**
 * Why a table of the publisher does not arrive whole on the subscriber.
 * `not-in-publication`: no subscribed publication lists it · `not-refreshed`: published, but the subscription does not know it
 * yet · `row-filter`, `column-list`, `operations`: carried in part · `not-ready`: its first copy is not finished.
 */
export type Gap = 'not-in-publication' | 'not-refreshed' | 'row-filter' | 'column-list' | 'operations' | 'not-ready'

export interface Carriage {
  readonly gap: Gap | null
  /** The publications that were looked at: those which the subscription names, and first those which list the table. */
  readonly publications: readonly string[]
  /** The one that knows the table, else the one that should. */
  readonly subscription: string | null
  /** `pg_subscription_rel` has the table: then a refresh copies nothing, though the publication has lost it meanwhile. */
  readonly subscribed: boolean
  /** The first publication lists it by name, not by a rule: it can be taken out and put back. */
  readonly listedByName: boolean
  readonly detail: string
}

/** Does a subscriber receive every row, column and operation of this table? */
export function carriage(
  publications: readonly PublicationFact[],
  subscriptions: readonly SubscriptionFact[],
  schema: string,
  table: string,
): Carriage {
  const named = new Set(subscriptions.flatMap((subscription) => subscription.publications))
  const looked = publications.filter((publication) => named.has(publication.name))
  const listed = looked.flatMap((publication) =>
    publication.tables.filter(isTable(schema, table)).map((entry) => ({ publication, entry })),
  )
  const listing = [...new Set(listed.map(({ publication }) => publication))]
  const first = listing[0]
  const names = [...new Set([...listing, ...looked])].map(({ name }) => name)
  const knowing = subscriptions.find(({ tables }) => tables.some(isTable(schema, table)))
  const relation = knowing?.tables.find(isTable(schema, table))
  const base = {
    publications: names,
    subscription: (knowing ?? subscriptionFor(subscriptions, names))?.name ?? null,
    subscribed: relation !== undefined,
    listedByName: first !== undefined && !first.allTables && !first.schemas.includes(schema),
  }
  if (listed.length === 0)
    return {
      ...base,
      gap: 'not-in-publication',
      detail:
        looked.length === 0 && named.size > 0
          ? `there is no publication ${[...named].join(', ')}, which the subscription names`
          : `no table ${schema}.${table} in publication ${names.join(', ') || '(none)'}`,
    }

  if (!relation)
    return {
      ...base,
      gap: 'not-refreshed',
      detail: `subscription ${base.subscription ?? '?'} has no ${schema}.${table} in pg_subscription_rel`,
    }
  // With several publications of one table, what any of them carries is carried (filters are ORed, lists must agree).
  if (listed.every(({ entry }) => entry.rowFilter !== null))
    return { ...base, gap: 'row-filter', detail: rowFilters(listed) }
  if (listed.every(({ entry }) => entry.columns !== null))
    return { ...base, gap: 'column-list', detail: `only columns ${listed[0]?.entry.columns?.join(', ') ?? ''}` }
  const missing = (['insert', 'update', 'delete'] as const).filter(
    (op) => !listed.some(({ publication }) => publication.publishes[op]),
  )
  if (missing.length > 0) return { ...base, gap: 'operations', detail: `publish lacks ${missing.join(', ')}` }
  if (relation.state !== 'r') return { ...base, gap: 'not-ready', detail: `srsubstate = ${relation.state}` }
  return { ...base, gap: null, detail: `carried by ${listing.map(({ name }) => name).join(', ')}` }
}

const isTable =
  (schema: string, table: string) =>
  (entry: { readonly schema: string; readonly name: string }): boolean =>
    entry.schema === schema && entry.name === table

const subscriptionFor = (
  subscriptions: readonly SubscriptionFact[],
  publications: readonly string[],
): SubscriptionFact | undefined =>
  subscriptions.find(({ publications: of }) => of.some((name) => name === publications[0])) ??
  subscriptions.find(({ publications: of }) => of.length > 0)

const rowFilters = (listed: readonly { readonly entry: PublishedTableFact }[]): string =>
  `only rows where ${listed.map(({ entry }) => entry.rowFilter).join(' or ')}`

export interface Place {
  readonly publisher: string
  readonly subscriber: string
  readonly schema: string
  readonly table: string
}

export interface Orders {
  readonly words: string
  /** In this order, each with its node. */
  readonly commands: readonly string[]
}

/** What closes a gap, and brings what was left out meanwhile: no publication does that by itself. */
export function carryingOrders(carried: Carriage, { publisher, subscriber, schema, table }: Place): Orders {
  const name = `${identifier(schema)}.${identifier(table)}`
  const publication = identifier(carried.publications[0] ?? '')
  const subscription = identifier(carried.subscription ?? '')
  const add = `on ${publisher}: alter publication ${publication} add table ${name};`
  const refresh = `on ${subscriber}: alter subscription ${subscription} refresh publication;`
  const empty = `on ${subscriber}: truncate ${name};`
  const anew = carried.listedByName
    ? [`on ${publisher}: alter publication ${publication} drop table ${name};`, refresh, empty, add, refresh]
    : []
  const mustBeEmpty = `the table on ${subscriber} must be empty, else its first copy fails or doubles rows`
  const end = 'Wait until srsubstate is r, then compare the rows.'

  if (carried.gap === null || carried.gap === 'not-ready')
    return { words: `Nothing to do but to wait: ${carried.detail}.`, commands: [] }
  switch (carried.gap) {
    case 'not-in-publication':
      if (carried.publications.length === 0)
        return {
          words: `Find out who took the publication away (${carried.detail}), make it anew with every table that belongs in it, and copy the tables anew: what was written meanwhile does not come by itself.`,
          commands: [],
        }
      return carried.subscribed
        ? {
            words: `${name} was carried before, and subscription ${subscription} still lists it: adding it and refreshing would copy nothing, and what was written meanwhile would stay missing. Have the subscription forget it while it is not published, empty it on ${subscriber} (look first whether its rows are no more than an old copy), then publish it and refresh. ${end}`,
            commands: [refresh, empty, add, refresh],
          }
        : { words: `Have ${name} carried to ${subscriber}; ${mustBeEmpty}. ${end}`, commands: [add, refresh] }
    case 'not-refreshed':
      return {
        words: `${name} is published, and subscription ${subscription} was not refreshed since; ${mustBeEmpty}. ${end}`,
        commands: [refresh],
      }
    case 'row-filter':
    case 'column-list':
      return {
        words: `Publication ${publication} carries only a part of ${name} (${carried.detail}). \`alter publication ${publication} set table …\` puts that right for what comes (it must name every table of the publication, those that it does not name are taken out), and what was left out does not come by itself: copy it, or have the whole table copied anew by these commands, with its reads on ${publisher} meanwhile. ${end}`,
        commands: anew,
      }
  }
  return {
    words: `Publication ${publication} leaves changes out (${carried.detail}), for every table that it carries. From the first command on they arrive; what was left out does not come by itself: compare the rows, and have each table that differs copied anew, with its reads on ${publisher} meanwhile. ${end}`,
    commands: [
      `on ${publisher}: alter publication ${publication} set (publish = 'insert, update, delete, truncate');`,
      ...anew,
    ],
  }
}

const identifier = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
