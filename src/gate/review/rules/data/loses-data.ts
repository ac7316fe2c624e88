import { subject } from '../../../../core/subject.ts'
import { asNamed, type Named } from '../../../change/relations.ts'
import { child, list, text } from '../../../change/tree.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { basisOf, factOf, fresh } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { alterationsOf, madeBefore, resolved, tableOn, wordsOf } from '../../tables.ts'

interface Loss {
  readonly named: Named
  readonly words: string
}

/** What a statement throws away only a backup brings back, and replication has carried it everywhere by then. */
export default defineReviewRule({
  id: 'data/loses-data',
  consequence: 'integrity/data-deleted',
  severity: 'warning',
  question: 'Does the change throw away rows, columns or tables?',
  *run(input) {
    for (const statement of fresh(input)) {
      for (const { named, words } of lossesOf(input, statement)) {
        const table = resolved(input, named)
        const nodes = statement.nodes.filter(
          (node) =>
            madeBefore(input, node, table, statement.n) === undefined &&
            (factOf(input, node, 'tables') === null || tableOn(input, node, table) !== null),
        )
        const [first] = nodes
        if (first !== undefined)
          yield {
            object: subject.table(first, table.schema, table.name),
            nodes,
            message: `${wordsOf(table)} ${words}: no statement brings that back`,
            remedy: 'Have a backup that was proven, or keep what goes under another name until nobody has missed it.',
            at: statement,
            basis: basisOf(input),
          }
      }
      const whole = text(child(statement.tree, 'DropdbStmt'), 'dbname')
      const [node = 'primary'] = statement.nodes
      for (const each of list(child(statement.tree, 'DropOwnedStmt'), 'roles')) {
        const role = text(child(each, 'RoleSpec'), 'rolename') ?? 'current_user'
        yield {
          object: subject.role(node, role),
          nodes: statement.nodes,
          message: `everything that ${role} owns in this database is dropped, tables with their rows`,
          remedy: 'reassign owned by it first; then only its privileges go.',
          at: statement,
          basis: basisOf(input),
        }
      }
      if (whole !== null)
        yield {
          object: subject.database(node, whole),
          nodes: statement.nodes,
          message: `database ${whole} is dropped with all that is in it`,
          remedy: 'Have a backup that was proven.',
          at: statement,
          basis: basisOf(input),
        }
    }
  },
})

function lossesOf(input: ReviewInput, statement: Placed): readonly Loss[] {
  const { tree } = statement
  const drop = child(tree, 'DropStmt')
  if (text(drop, 'removeType') === 'OBJECT_TABLE')
    return list(drop, 'objects').map((object) => ({ named: droppedName(object), words: 'is dropped' }))
  if (text(drop, 'removeType') === 'OBJECT_SCHEMA')
    return list(drop, 'objects').flatMap((object) => inSchema(input, text(child(object, 'String'), 'sval') ?? ''))
  const truncated = list(child(tree, 'TruncateStmt'), 'relations').flatMap((each) => {
    const relation = child(each, 'RangeVar')
    return relation === null ? [] : [{ named: asNamed(relation), words: 'loses all rows' }]
  })
  const columns = alterationsOf(input, statement)
    .filter(({ subtype }) => subtype === 'AT_DropColumn')
    .map(({ table, name }) => ({
      named: table,
      words: `loses column ${name ?? ''}, and sessions that still read it fail`,
    }))
  return [...truncated, ...columns, ...everyRow(statement)]
}

/** `update` and `delete` without a condition. */
const everyRow = ({ tree }: Placed): readonly Loss[] =>
  (['DeleteStmt', 'UpdateStmt'] as const).flatMap((kind) => {
    const statement = child(tree, kind)
    const relation = child(statement, 'relation')
    if (relation === null || child(statement, 'whereClause') !== null) return []
    const words = kind === 'DeleteStmt' ? 'loses all rows' : 'has all its rows written over'
    return [{ named: asNamed(relation), words }]
  })

function droppedName(object: unknown): Named {
  const parts = list(child(object, 'List'), 'items').map((part) => text(child(part, 'String'), 'sval') ?? '')
  return { schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '' }
}

/** The tables that are known in it; without a cluster the schema itself stands for them. */
const inSchema = (input: ReviewInput, schema: string): readonly Loss[] => {
  if (input.topology === null) return [{ named: { schema, name: '*' }, words: 'is dropped' }]
  const tables = input.topology.nodes.flatMap(({ name }) => factOf(input, name, 'tables') ?? [])
  const names = [...new Set(tables.filter((table) => table.schema === schema).map(({ name }) => name))]
  return names.map((name) => ({ named: { schema, name }, words: 'is dropped with its schema' }))
}
