import type { PublicationFact, PublishedTableFact } from '../../core/facts/postgres/publication.ts'
import type { NodeView } from '../../core/snapshot.ts'
import type { DdlStatement } from '../../engines/postgres/ddl/extract.ts'
import { identifier, qualified } from '../fill/sql.ts'

export interface PublicationPlan extends DdlStatement {
  /** Table by table, where it cannot be made whole: one that is missing here must not take the others along. */
  readonly otherwise: readonly string[]
}

/**
 * A subscription cannot be made while one of its tables is absent on the subscriber, yet a real one may be in that state
 * (published a minute ago, not refreshed): its publication begins with the tables that are there, and gets its real form
 * when the subscription stands.
 */
export function narrowed(
  publications: readonly DdlStatement[],
  nodes: readonly NodeView[],
): { readonly publications: readonly PublicationPlan[]; readonly afterStart: readonly string[] } {
  const afterStart: string[] = []
  const first = publications.map((statement): PublicationPlan => {
    const fact = factOf(statement, nodes)
    const present = fact?.tables.filter(({ schema, name }) => isOnAll(fact.name, schema, name, nodes)) ?? []
    if (!fact) return { ...statement, otherwise: [] }
    const otherwise = pieces(statement, fact.name, present)
    if (present.length === fact.tables.length) return { ...statement, otherwise }
    const name = identifier(fact.name)
    // In one transaction the walsender never sees a moment without it.
    afterStart.push(`begin; drop publication ${name}; ${statement.sql}; commit`)
    const forTables = present.length === 0 ? '' : ` for ${present.map(entry).join(', ')}`
    return { what: statement.what, sql: `create publication ${name}${forTables}${optionsOf(statement)}`, otherwise }
  })
  return { publications: first, afterStart }
}

const optionsOf = ({ sql }: DdlStatement): string => sql.slice(sql.lastIndexOf(' with ('))

const entry = ({ schema, name, columns, rowFilter }: PublishedTableFact): string => {
  const list = columns === null ? '' : ` (${columns.map(identifier).join(', ')})`
  return `table ${qualified(schema, name)}${list}${rowFilter === null ? '' : ` where (${rowFilter})`}`
}

const pieces = (statement: DdlStatement, name: string, tables: readonly PublishedTableFact[]): readonly string[] => [
  `create publication ${identifier(name)}${optionsOf(statement)}`,
  ...tables.map((table) => `alter publication ${identifier(name)} add ${entry(table)}`),
]

const factOf = ({ what }: DdlStatement, nodes: readonly NodeView[]): PublicationFact | undefined => {
  const primary = nodes.find(({ role }) => role === 'primary')
  if (!primary?.facts.publications.seen) return undefined
  return primary.facts.publications.value.find(
    ({ name }) => what === `publication ${name}` || what === `publication ${identifier(name)}`,
  )
}

/** On all subscribers that subscribe to it. */
const isOnAll = (publication: string, schema: string, table: string, nodes: readonly NodeView[]): boolean =>
  nodes.every(({ role, facts }) => {
    if (role !== 'subscriber' || !facts.subscriptions.seen || !facts.tables.seen) return true
    if (!facts.subscriptions.value.some(({ publications }) => publications.includes(publication))) return true
    return facts.tables.value.some((one) => one.schema === schema && one.name === table)
  })
