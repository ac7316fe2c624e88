import type { PublicationFact, PublishedTableFact } from '../../core/facts/postgres/publication.ts'
import type { NodeView } from '../../core/snapshot.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import { identifier, qualified } from '../fill/sql.ts'
import type { Inverse } from './inverse.ts'

/** A publication as it was; what nobody received meanwhile is another matter. */
export function publicationInverse(kind: string, statement: TreeNode | null, { facts }: NodeView): Inverse {
  if (!facts.publications.seen) return null
  const known = (name: string): PublicationFact | undefined =>
    facts.publications.seen ? facts.publications.value.find((one) => one.name === name) : undefined
  if (kind === 'DropStmt') {
    const names = list(statement, 'objects').map((object) => text(child(object, 'String'), 'sval') ?? '')
    const were = names.flatMap((name) => known(name) ?? [])
    const isWhole = text(statement, 'removeType') === 'OBJECT_PUBLICATION' && were.length === names.length
    return isWhole ? were.map(created) : null
  }
  const name = text(statement, 'pubname') ?? ''
  if (kind === 'CreatePublicationStmt') return [`drop publication ${identifier(name)}`]
  const was = known(name)
  // All tables, or those of schemas, are no list that could be set again.
  if (!was || was.allTables || was.schemas.length > 0) return null
  return [
    ...(was.tables.length === 0
      ? []
      : [`alter publication ${identifier(name)} set table ${was.tables.map(entry).join(', ')}`]),
    `alter publication ${identifier(name)} set (${publishOf(was)})`,
  ]
}

function created(was: PublicationFact): string {
  const what = was.allTables
    ? ' for all tables'
    : [
        ...(was.schemas.length === 0 ? [] : [` for tables in schema ${was.schemas.map(identifier).join(', ')}`]),
        ...(was.schemas.length > 0 || was.tables.length === 0
          ? []
          : [` for table ${was.tables.map(entry).join(', ')}`]),
      ].join('')
  return `create publication ${identifier(was.name)}${what} with (${publishOf(was)})`
}

const publishOf = ({ publishes }: PublicationFact): string =>
  `publish = '${(['insert', 'update', 'delete', 'truncate'] as const).filter((operation) => publishes[operation]).join(', ')}'`

const entry = ({ schema, name, columns, rowFilter }: PublishedTableFact): string =>
  `${qualified(schema, name)}${columns === null ? '' : ` (${columns.map(identifier).join(', ')})`}${rowFilter === null ? '' : ` where (${rowFilter})`}`
