import { publishes } from './change/publishing.ts'
import { createdTable, means, namesIn } from './change/relations.ts'
import type { ChangeStatement } from './change/read-change.ts'
import type { Rehearsal } from './rehearsal.ts'

interface Missing {
  readonly node: string
  readonly publication: string
  /** All that the subscription could receive it by. */
  readonly publications: readonly string[]
  /** After the rehearsal the primary has it in one of them. */
  readonly isListed: boolean
  readonly subscription: string
  readonly schema: string
  readonly table: string
}

/**
 * The change as it should be, for a table that it makes: first on the subscriber, then with its publication on the primary,
 * unless the change does that itself, then told to the subscription. Rows are written on the primary only: the first copy brings them.
 */
export function correctedFile(
  rehearsal: Rehearsal,
  { node, publication, publications, isListed, subscription, schema, table }: Missing,
): string {
  const { results, primary } = rehearsal
  const statements = [...new Set(results.map(({ statement }) => statement))]
  const name = `${schema}.${table}`
  const creates = ({ tree }: ChangeStatement): boolean => {
    const made = createdTable(tree)
    return made !== null && means(made, schema, table)
  }
  const names = ({ tree }: ChangeStatement): boolean =>
    namesIn(tree).relations.some((relation) => means(relation, schema, table))
  const onPrimary = statements.filter((one) =>
    results.some(({ statement, node: on }) => statement === one && on === primary),
  )
  const definitions = onPrimary.filter((one) => names(one) && isDefinition(one))
  const sql = (list: readonly ChangeStatement[]): string => list.map((one) => `${one.sql};`).join('\n')
  const says = onPrimary.map(({ tree }) => publishes(tree, [publication, ...publications], schema, table))
  const lastWord = says.findLast((word) => word !== null)
  const adds = !isListed && lastWord !== true
  const last = onPrimary.findLast(creates)
  // What the change takes out of the publication again is added behind that.
  const after = last === undefined || lastWord === false ? onPrimary.length : onPrimary.indexOf(last) + 1
  return [
    'Write the change as:',
    `-- antemortem:on ${node}`,
    sql(definitions) || `-- create table ${name} (…);`,
    `-- antemortem:on ${primary}`,
    sql(onPrimary.slice(0, after)),
    adds ? `alter publication ${publication} add table ${name};` : '',
    sql(onPrimary.slice(after)),
    `-- antemortem:on ${node}`,
    `alter subscription ${subscription} refresh publication;`,
  ]
    .filter((line) => line !== '')
    .join('\n')
}

const isDefinition = ({ kind }: ChangeStatement): boolean =>
  ['CreateStmt', 'IndexStmt', 'AlterTableStmt', 'RenameStmt', 'AlterOwnerStmt', 'GrantStmt', 'CommentStmt'].includes(
    kind,
  )
