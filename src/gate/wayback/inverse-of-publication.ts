import type { PublicationFact, PublishedTableFact } from '../../core/facts/postgres/publication.ts'
import { asNamed } from '../change/relations.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import type { Inverse } from './back-order.ts'
import { none, sql } from './back-order.ts'
import type { Before } from './before.ts'
import { shown, shownNamed } from './names.ts'

/** A publication as it was; what nobody received meanwhile is another matter. */
export function publicationInverse(kind: string, statement: TreeNode | null, { view }: Before): Inverse {
  const { publications } = view.facts
  const known = (name: string): PublicationFact | undefined =>
    publications.seen ? publications.value.find((one) => one.name === name) : undefined
  if (kind === 'DropStmt') {
    const names = list(statement, 'objects').map((object) => text(child(object, 'String'), 'sval') ?? '')
    const were = names.flatMap((name) => known(name) ?? [])
    return were.length === names.length ? sql(...were.map(created)) : none('R2')
  }
  const name = text(statement, 'pubname') ?? ''
  if (kind === 'CreatePublicationStmt') return sql(`drop publication ${shown(name)}`)
  return added(name, statement) ?? asItWas(known(name))
}

/** Only what it added goes: whatever somebody else adds meanwhile stays. */
function added(name: string, statement: TreeNode | null): Inverse | null {
  const tables = list(statement, 'pubobjects').map((object) =>
    child(child(child(object, 'PublicationObjSpec'), 'pubtable'), 'relation'),
  )
  const named = tables.flatMap((relation) => (relation === null ? [] : [shownNamed(asNamed(relation))]))
  if (text(statement, 'action') !== 'AP_AddObjects' || named.length !== tables.length || named.length === 0) return null
  return sql(`alter publication ${shown(name)} drop table ${named.join(', ')}`)
}

function asItWas(was: PublicationFact | undefined): Inverse {
  // All tables, or those of schemas, are no list that could be set again.
  if (!was || was.allTables || was.schemas.length > 0) return none('R2')
  return sql(
    ...(was.tables.length === 0
      ? []
      : [`alter publication ${shown(was.name)} set table ${was.tables.map(entry).join(', ')}`]),
    `alter publication ${shown(was.name)} set (${publishOf(was)})`,
  )
}

function created(was: PublicationFact): string {
  const what = was.allTables
    ? ' for all tables'
    : [
        ...(was.schemas.length === 0 ? [] : [` for tables in schema ${was.schemas.map(shown).join(', ')}`]),
        ...(was.schemas.length > 0 || was.tables.length === 0
          ? []
          : [` for table ${was.tables.map(entry).join(', ')}`]),
      ].join('')
  return `create publication ${shown(was.name)}${what} with (${publishOf(was)})`
}

const publishOf = ({ publishes }: PublicationFact): string =>
  `publish = '${(['insert', 'update', 'delete', 'truncate'] as const).filter((operation) => publishes[operation]).join(', ')}'`

const entry = ({ schema, name, columns, rowFilter }: PublishedTableFact): string =>
  `${shownNamed({ schema, name })}${columns === null ? '' : ` (${columns.map(shown).join(', ')})`}${rowFilter === null ? '' : ` where (${rowFilter})`}`
