import type { PublicationFact, PublishedTableFact } from '../core/facts/postgres/publication.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'
import { pairByName } from './difference.ts'

const scope = (publication: PublicationFact): string => {
  if (publication.allTables) return 'all tables'
  if (publication.schemas.length > 0) return `tables of schema ${publication.schemas.join(', ')}`
  return publication.tables.length === 0
    ? 'no table'
    : publication.tables.map(({ schema, name }) => `${schema}.${name}`).join(', ')
}

const flags = ({ publishes }: PublicationFact): string =>
  `publish: ${(['insert', 'update', 'delete', 'truncate'] as const).filter((what) => publishes[what]).join(', ') || 'nothing'}`

const tableText = ({ columns, rowFilter }: PublishedTableFact): string =>
  `${columns === null ? 'all columns' : `columns ${columns.join(', ')}`}, ${rowFilter === null ? 'all rows' : `rows where ${rowFilter}`}`

const whole = (publication: PublicationFact): string => `for ${scope(publication)}; ${flags(publication)}`

/** What it covers by a rule: the tables that it covers by name are compared one by one. */
const rule = (publication: PublicationFact): string =>
  publication.allTables || publication.schemas.length > 0 ? scope(publication) : 'named tables'

function* tableDifferences(node: string, before: PublicationFact, after: PublicationFact): Iterable<Difference> {
  for (const [, old, now] of pairByName(before.tables, after.tables, ({ schema, name }) => `${schema}.${name}`)) {
    const table = now ?? old
    if (!table || (old && now && tableText(old) === tableText(now))) continue
    yield {
      kind: 'topology',
      object: subject.publicationTable(node, after.name, table.schema, table.name),
      before: old ? `published: ${tableText(old)}` : null,
      after: now ? `published: ${tableText(now)}` : null,
    }
  }
}

/** A publication created, dropped, or carrying something else than before: the silent class of outages. */
export function* publicationDifferences(
  node: string,
  before: readonly PublicationFact[],
  after: readonly PublicationFact[],
): Iterable<Difference> {
  for (const [name, old, now] of pairByName(before, after, (publication) => publication.name)) {
    const object = subject.publication(node, name)
    if (!old || !now) {
      yield { kind: 'topology', object, before: old ? whole(old) : null, after: now ? whole(now) : null }
      continue
    }
    if (flags(old) !== flags(now)) yield { kind: 'topology', object, before: flags(old), after: flags(now) }
    if (rule(old) !== rule(now))
      yield { kind: 'topology', object, before: `for ${rule(old)}`, after: `for ${rule(now)}` }
    yield* tableDifferences(node, old, now)
  }
}
