import type { TableFact } from '../../core/facts/postgres/schema.ts'
import { asNamed, createdTable, type Named } from '../change/relations.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import type { Placed, ReviewInput, Topology } from './input.ts'
import { factOf, primaryOf } from './nodes.ts'
import { oncePer } from './once-per.ts'

export interface TableName {
  readonly schema: string
  readonly name: string
}

export const wordsOf = ({ schema, name }: TableName): string => `${schema}.${name}`

/** The schemas in which a name is a table, on any node. */
const schemasByName = oncePer(({ nodes }: Topology): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>()
  for (const { facts } of nodes)
    for (const { schema, name } of facts.tables.seen ? facts.tables.value : []) {
      const schemas = found.get(name)
      if (schemas) schemas.push(schema)
      else found.set(name, [schema])
    }
  return found
})

/** The table that is meant: by its schema, else by where one of this name is; `public` where nobody knows. */
export function resolved({ topology }: Pick<ReviewInput, 'topology'>, { schema, name }: Named): TableName {
  if (schema !== null) return { schema, name }
  const found = topology === null ? [] : (schemasByName(topology).get(name) ?? [])
  return { schema: found.includes('public') ? 'public' : (found[0] ?? 'public'), name }
}

const byWords = oncePer(
  (tables: readonly TableFact[]): ReadonlyMap<string, TableFact> =>
    new Map(tables.map((table) => [wordsOf(table), table])),
)

export const tableOn = (input: ReviewInput, node: string, table: TableName): TableFact | null =>
  byWords(factOf(input, node, 'tables') ?? noTables).get(wordsOf(table)) ?? null

/** One list for all: it is known again by what it is. */
export const noTables: readonly TableFact[] = []

export const same = (a: TableName, b: TableName): boolean => a.schema === b.schema && a.name === b.name

/** The statements that make a table, in their order, by its name. */
const makers = oncePer((input: ReviewInput): ReadonlyMap<string, readonly Placed[]> => {
  const found = new Map<string, Placed[]>()
  for (const statement of input.statements) {
    const made = createdTable(statement.tree)
    if (made === null) continue
    const words = wordsOf(resolved(input, made))
    found.set(words, [...(found.get(words) ?? []), statement])
  }
  return found
})

/** The last statement before `n` that makes the table on the node. */
export const madeBefore = (input: ReviewInput, node: string, table: TableName, n: number): Placed | undefined =>
  makers(input)
    .get(wordsOf(table))
    ?.findLast((one) => one.n < n && one.nodes.includes(node))

/** Is the table on the node when statement `n` runs? null: nobody knows. */
export function isThere(input: ReviewInput, node: string, table: TableName, n: number): boolean | null {
  if (madeBefore(input, node, table, n) !== undefined) return true
  return factOf(input, node, 'tables') === null ? null : tableOn(input, node, table) !== null
}

/** One part of an `alter table`. */
export interface Alteration {
  readonly statement: Placed
  readonly table: TableName
  /** `AT_AddColumn`, … */
  readonly subtype: string
  /** Of the column, constraint or trigger. */
  readonly name: string | null
  readonly def: TreeNode | null
}

export const alterationsOf = (input: ReviewInput, statement: Placed): readonly Alteration[] =>
  alterations(input)(statement)

const alterations = oncePer((input: ReviewInput) => oncePer((statement: Placed) => readAlterations(input, statement)))

function readAlterations(input: ReviewInput, statement: Placed): readonly Alteration[] {
  const alter = child(statement.tree, 'AlterTableStmt')
  const relation = child(alter, 'relation')
  if (relation === null || text(alter, 'objtype') !== 'OBJECT_TABLE') return []
  const table = resolved(input, { schema: text(relation, 'schemaname'), name: text(relation, 'relname') ?? '' })
  return list(alter, 'cmds').flatMap((each) => {
    const command = child(each, 'AlterTableCmd')
    if (command === null) return []
    const def = child(command, 'def')
    const column = child(def, 'ColumnDef')
    const name = text(command, 'name') ?? text(column, 'colname') ?? text(child(def, 'Constraint'), 'conname')
    return [{ statement, table, subtype: text(command, 'subtype') ?? '', name, def }]
  })
}

/** Columns that the statement makes on the table, by `create table` or `add column`; a new name is one, too. */
export function columnsMade(input: ReviewInput, statement: Placed, table: TableName): readonly string[] {
  const rename = child(statement.tree, 'RenameStmt')
  const renamed = child(rename, 'relation')
  if (renamed !== null && text(rename, 'renameType') === 'OBJECT_COLUMN')
    return same(resolved(input, { schema: text(renamed, 'schemaname'), name: text(renamed, 'relname') ?? '' }), table)
      ? [text(rename, 'newname') ?? '']
      : []
  const create = child(statement.tree, 'CreateStmt')
  const made = createdTable(statement.tree)
  if (create !== null && made !== null && same(resolved(input, made), table))
    return list(create, 'tableElts').flatMap((element) => text(child(element, 'ColumnDef'), 'colname') ?? [])
  return alterationsOf(input, statement)
    .filter(({ subtype, table: of }) => subtype === 'AT_AddColumn' && same(of, table))
    .flatMap(({ name }) => name ?? [])
}

/** Of a column definition or a constraint of it: `CONSTR_DEFAULT`, `CONSTR_GENERATED`, … */
export const constraintsOf = (def: TreeNode | null): readonly TreeNode[] =>
  list(child(def, 'ColumnDef'), 'constraints').flatMap((each) => {
    const constraint = child(each, 'Constraint')
    return constraint === null ? [] : [constraint]
  })

/** A new column that must not be null and has no value for the rows that are there. */
export function isRequired(def: TreeNode | null): boolean {
  const types = constraintsOf(def).map(({ contype }) => contype)
  const isSerial = /^(small|big)?serial$/.test(
    text(child(list(child(child(def, 'ColumnDef'), 'typeName'), 'names').at(-1), 'String'), 'sval') ?? '',
  )
  const hasValue = ['CONSTR_DEFAULT', 'CONSTR_GENERATED', 'CONSTR_IDENTITY'].some((type) => types.includes(type))
  return (types.includes('CONSTR_NOTNULL') || types.includes('CONSTR_PRIMARY')) && !hasValue && !isSerial
}

/** A table or column that gets another name. */
export interface Renaming {
  readonly table: TableName
  /** null: the table itself. */
  readonly column: string | null
  readonly to: string
}

/** What a statement renames: a table, a column, or by its schema all tables that are known in it. */
export function renamingsOf(input: ReviewInput, { tree }: Placed): readonly Renaming[] {
  const rename = child(tree, 'RenameStmt')
  const type = text(rename, 'renameType')
  const to = text(rename, 'newname') ?? ''
  if (type === 'OBJECT_SCHEMA') {
    const schema = text(rename, 'subname') ?? ''
    const tables = (factOf(input, primaryOf(input), 'tables') ?? []).filter((table) => table.schema === schema)
    return tables.map(({ name }) => ({ table: { schema, name }, column: null, to: `${to}.${name}` }))
  }
  const move = child(tree, 'AlterObjectSchemaStmt')
  const relation = child(rename, 'relation') ?? child(move, 'relation')
  if (relation === null) return []
  const table = resolved(input, asNamed(relation))
  if (text(move, 'objectType') === 'OBJECT_TABLE')
    return [{ table, column: null, to: `${text(move, 'newschema') ?? ''}.${table.name}` }]
  if (type === 'OBJECT_TABLE') return [{ table, column: null, to }]
  return type === 'OBJECT_COLUMN' ? [{ table, column: text(rename, 'subname'), to }] : []
}
