import { carriage } from '../../core/carriage.ts'
import type { TableFact } from '../../core/facts/postgres/schema.ts'
import { asNamed, createdTable, type Named } from '../change/relations.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import type { Placed, ReviewInput } from './input.ts'
import { factOf, nodesOf, primaryOf } from './nodes.ts'

export interface TableName {
  readonly schema: string
  readonly name: string
}

export const wordsOf = ({ schema, name }: TableName): string => `${schema}.${name}`

/** The table that is meant: by its schema, else by where one of this name is; `public` where nobody knows. */
export function resolved(input: ReviewInput, { schema, name }: Named): TableName {
  if (schema !== null) return { schema, name }
  const all = (input.topology?.nodes ?? []).flatMap(({ name: node }) => factOf(input, node, 'tables') ?? [])
  const found = all.filter((table) => table.name === name).map((table) => table.schema)
  return { schema: found.includes('public') ? 'public' : (found[0] ?? 'public'), name }
}

export const tableOn = (input: ReviewInput, node: string, { schema, name }: TableName): TableFact | null =>
  factOf(input, node, 'tables')?.find((table) => table.schema === schema && table.name === name) ?? null

export const same = (a: TableName, b: TableName): boolean => a.schema === b.schema && a.name === b.name

/** The last statement before `n` that makes the table on the node. */
export const madeBefore = (input: ReviewInput, node: string, table: TableName, n: number): Placed | undefined =>
  input.statements.findLast((one) => {
    if (one.n >= n || !one.nodes.includes(node)) return false
    const made = createdTable(one.tree)
    return made !== null && same(resolved(input, made), table)
  })

/** Is the table on the node when statement `n` runs? null: nobody knows. */
export function isThere(input: ReviewInput, node: string, table: TableName, n: number): boolean | null {
  if (madeBefore(input, node, table, n) !== undefined) return true
  return factOf(input, node, 'tables') === null ? null : tableOn(input, node, table) !== null
}

/** Subscribers that receive the table now: its publication lists it and the subscription knows it. Empty without a cluster. */
export function carriersOf(input: ReviewInput, table: TableName): readonly string[] {
  if (input.topology === null) return []
  const publications = factOf(input, primaryOf(input), 'publications') ?? []
  const names = [table, ...partitionsOf(input, table)]
  return nodesOf(input, 'subscriber').filter((node) =>
    names.some(({ schema, name }) => {
      const gap = carriage(publications, factOf(input, node, 'subscriptions') ?? [], schema, name).gap
      return gap !== 'not-in-publication' && gap !== 'not-refreshed'
    }),
  )
}

/** Of a partitioned table often only its partitions are listed. Nobody says whose they are: they have its columns. */
function partitionsOf(input: ReviewInput, parent: TableName): readonly TableName[] {
  const table = tableOn(input, primaryOf(input), parent)
  if (table?.kind !== 'partitioned') return []
  const columns = table.columns.map(({ name }) => name).join()
  return (factOf(input, primaryOf(input), 'tables') ?? []).filter(
    (one) => one.isPartition && one.schema === parent.schema && one.columns.map(({ name }) => name).join() === columns,
  )
}

/** Those that receive it; without a cluster: whoever subscribes. */
export const mayCarry = (input: ReviewInput, table: TableName): readonly string[] =>
  input.topology === null ? nodesOf(input, 'subscriber') : carriersOf(input, table)

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

export function alterationsOf(input: ReviewInput, statement: Placed): readonly Alteration[] {
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
