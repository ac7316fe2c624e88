import type { TableFact } from '../../../../core/facts/postgres/schema.ts'
import { subject } from '../../../../core/subject.ts'
import { below, child, isNode, list, text, type TreeNode } from '../../../change/tree.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { basisOf, factOf, fresh, isOnPrimary, primaryOf } from '../../nodes.ts'
import { newTables } from '../../new-tables.ts'
import { defineReviewRule, type ReviewDraft } from '../../rule.ts'
import type { Alteration, TableName } from '../../tables.ts'
import { carriersOf } from '../../carriers.ts'
import { alterationsOf, constraintsOf, resolved, same, tableOn, wordsOf } from '../../tables.ts'

/** Without a key to send, the primary itself refuses every update and delete of a published table, at once. */
export default defineReviewRule({
  id: 'replication/identity-lost',
  consequence: 'replication/replica-identity',
  severity: 'error',
  question: 'Does every published table keep the key by which changed rows are found again?',
  *run(input) {
    for (const statement of fresh(input)) {
      for (const alteration of alterationsOf(input, statement)) yield* ofAlteration(input, statement, alteration)
      if (isOnPrimary(input, statement)) yield* ofFilter(input, statement)
    }
    yield* withoutKey(input)
  },
})

function* ofAlteration(input: ReviewInput, statement: Placed, alteration: Alteration): Generator<ReviewDraft> {
  const { table, subtype, name, def } = alteration
  const primary = primaryOf(input)
  const isNothing = subtype === 'AT_ReplicaIdentity' && text(child(def, 'ReplicaIdentityStmt'), 'identity_type') === 'n'
  const isKey = subtype === 'AT_DropConstraint' && name !== null && isPrimaryKey(tableOn(input, primary, table), name)
  // Within one statement nobody else writes.
  if ((!isNothing && !isKey) || givesKey(input, statement, table)) return
  const base = { at: statement, basis: basisOf(input) }
  const isMended = input.statements.some(
    (one) =>
      one.n >= statement.n && one.nodes.some((node) => statement.nodes.includes(node)) && givesKey(input, one, table),
  )
  const severity = isMended ? 'warning' : 'error'
  const what = isNothing ? 'has no replica identity any more' : 'loses its primary key'
  if (isOnPrimary(input, statement) && isPublished(input, table))
    yield {
      ...base,
      severity,
      object: subject.table(primary, table.schema, table.name),
      nodes: [primary],
      message: `${wordsOf(table)} ${what}: ${input.topology === null ? 'where it is published, ' : ''}every update and delete fails on the primary (55000)${isMended ? ' until it has one again' : ''}`,
      remedy: `Before it: alter table ${wordsOf(table)} replica identity using index ANOTHER_UNIQUE_INDEX, or replica identity full.`,
    }
  for (const node of carriersOf(input, table))
    if (statement.nodes.includes(node))
      yield {
        ...base,
        severity,
        object: subject.table(node, table.schema, table.name),
        nodes: [node],
        message: `${wordsOf(table)} ${what} on ${node}: the first update or delete that arrives stops the subscription (55000)`,
        remedy: 'Keep the key on the subscriber, or have the publisher send replica identity full first.',
      }
}

/** A new table that is published and has no key takes inserts only. */
function* withoutKey(input: ReviewInput): Generator<ReviewDraft> {
  const told = new Set<string>()
  for (const { table, statement, isSent } of newTables(input)) {
    const create = child(statement.tree, 'CreateStmt')
    const parts = list(create, 'tableElts')
    // A copy of another table, or a partition, may bring its key along.
    const isCopy =
      create?.['inhRelations'] !== undefined || parts.some((part) => child(part, 'TableLikeClause') !== null)
    const keys = parts.flatMap((part) => [child(part, 'Constraint'), ...constraintsOf(isNode(part) ? part : null)])
    const hasKey =
      keys.some((key) => text(key, 'contype') === 'CONSTR_PRIMARY') ||
      input.statements.some((one) => one.n > statement.n && givesKey(input, one, table))
    if (!isSent || isCopy || hasKey || told.has(wordsOf(table))) continue
    told.add(wordsOf(table))
    yield {
      object: subject.table(primaryOf(input), table.schema, table.name),
      nodes: [primaryOf(input)],
      message: `${wordsOf(table)} is published and has no primary key: every update and delete of it fails on the primary (55000)`,
      remedy: 'Give it a primary key, or say replica identity full.',
      at: statement,
      basis: 'topology',
    }
  }
}

/** A row filter may name columns of the identity only, where updates or deletes are published. */
function* ofFilter(input: ReviewInput, statement: Placed): Generator<ReviewDraft> {
  const tree = child(statement.tree, 'AlterPublicationStmt') ?? child(statement.tree, 'CreatePublicationStmt')
  for (const object of list(tree, 'pubobjects')) {
    const entry = child(child(object, 'PublicationObjSpec'), 'pubtable')
    const relation = child(entry, 'relation')
    const where = child(entry, 'whereClause')
    if (relation === null || where === null) continue
    const table = resolved(input, { schema: text(relation, 'schemaname'), name: text(relation, 'relname') ?? '' })
    const fact = tableOn(input, primaryOf(input), table)
    if (fact === null || fact.replicaIdentity === 'f' || fact.replicaIdentity === 'i') continue
    const outside = [...new Set(columnsIn(where))].filter((column) => !fact.primaryKey.includes(column))
    if (outside.length > 0)
      yield {
        object: subject.table(primaryOf(input), table.schema, table.name),
        nodes: [primaryOf(input)],
        message: `the row filter of ${wordsOf(table)} looks at ${outside.join(', ')}, outside its replica identity: every update and delete of it fails on the primary (42P10)`,
        remedy: `Filter by ${fact.primaryKey.join(', ') || 'a key'}, or set replica identity full before.`,
        at: statement,
        basis: 'topology',
      }
  }
}

const columnsIn = (where: TreeNode): readonly string[] =>
  [...below(where)].flatMap(
    (node) => text(child(list(child(node, 'ColumnRef'), 'fields').at(-1), 'String'), 'sval') ?? [],
  )

/** Names of constraints are not read; an index of a key bears its name. */
function isPrimaryKey(table: TableFact | null, constraint: string): boolean {
  if (table === null) return /(_pkey|_pk)$|^pk_/.test(constraint)
  const key = `(${table.primaryKey.join(', ')})`
  return (
    table.primaryKey.length > 0 &&
    table.indexes.some((index) => index.includes(` ${constraint} ON `) && index.endsWith(key))
  )
}

const isPublished = (input: ReviewInput, table: TableName): boolean => {
  if (input.topology === null) return true
  return (factOf(input, primaryOf(input), 'publications') ?? []).some(
    ({ tables, publishes }) => (publishes.update || publishes.delete) && tables.some((one) => same(one, table)),
  )
}

const givesKey = (input: ReviewInput, statement: Placed, table: TableName): boolean =>
  alterationsOf(input, statement).some(
    ({ table: of, subtype, def }) =>
      same(of, table) &&
      ((subtype === 'AT_AddConstraint' && text(child(def, 'Constraint'), 'contype') === 'CONSTR_PRIMARY') ||
        (subtype === 'AT_ReplicaIdentity' && text(child(def, 'ReplicaIdentityStmt'), 'identity_type') !== 'n')),
  )
