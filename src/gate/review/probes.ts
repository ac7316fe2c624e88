import type { RefusingRows } from '../../engines/postgres/index.ts'
import { asNamed } from '../change/relations.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import type { Placed, ReviewInput } from './input.ts'
import { factOf, fresh, isOnPrimary, primaryOf } from './nodes.ts'
import { alterationsOf, isRequired, madeBefore, resolved, tableOn, type Alteration, type TableName } from './tables.ts'
import { typeText } from './types.ts'

/** A question to production: how many of its rows would refuse this statement? */
export interface Probe {
  readonly statement: Placed
  readonly node: string
  readonly table: TableName
  readonly rows: RefusingRows
  readonly what: string
}

/** The questions that the statements raise, about tables and columns that are there. Pure. */
export function probesFor(input: ReviewInput): readonly Probe[] {
  if (input.topology === null) return []
  return fresh(input).flatMap((statement) => {
    if (!isOnPrimary(input, statement)) return []
    const asked = [
      ...ofIndex(input, statement),
      ...alterationsOf(input, statement).flatMap((each) => ofAlteration(input, each)),
    ]
    return asked.flatMap(({ table, rows, what }) => {
      const fact = tableOn(input, primaryOf(input), table)
      const isChanged = input.statements.some((one) => one.n < statement.n && touches(input, one, table))
      const columns = fact?.columns.map(({ name }) => name) ?? []
      // What an earlier statement makes of the table, production does not show.
      if (fact === null || isChanged || columnsIn(rows).some((column) => !columns.includes(column))) return []
      if (madeBefore(input, primaryOf(input), table, statement.n) !== undefined) return []
      return [{ statement, node: primaryOf(input), table, rows, what }]
    })
  })
}

type Asked = Pick<Probe, 'table' | 'rows' | 'what'>

const columnsIn = (rows: RefusingRows): readonly string[] => {
  if (rows.kind === 'unless' || rows.kind === 'any') return []
  return 'columns' in rows ? rows.columns : [rows.column]
}

const writing = new Set(['UpdateStmt', 'DeleteStmt', 'InsertStmt', 'MergeStmt', 'DoStmt', 'CallStmt'])

/** Rows that an earlier statement mends are not those of production. */
const touches = (input: ReviewInput, one: Placed, table: TableName): boolean => {
  if (one.kind === 'DoStmt' || one.kind === 'CallStmt') return true
  const relation = writing.has(one.kind) ? child(child(one.tree, one.kind), 'relation') : null
  if (relation === null) return false
  const { schema, name } = resolved(input, asNamed(relation))
  return schema === table.schema && name === table.name
}

function ofIndex(input: ReviewInput, { tree }: Placed): readonly Asked[] {
  const index = child(tree, 'IndexStmt')
  const relation = child(index, 'relation')
  if (index === null || relation === null || index['unique'] !== true) return []
  const columns = list(index, 'indexParams').map((each) => text(child(each, 'IndexElem'), 'name'))
  // Of expressions, conditions and "nulls not distinct" nothing is asked.
  const isPlain =
    columns.every((column) => column !== null) &&
    child(index, 'whereClause') === null &&
    index['nulls_not_distinct'] !== true
  return isPlain
    ? [
        repeated(
          resolved(input, asNamed(relation)),
          columns.flatMap((column) => column ?? []),
        ),
      ]
    : []
}

const tuple = (columns: readonly string[]): string =>
  columns.length === 1 ? columns.join() : `(${columns.join(', ')})`

const repeated = (table: TableName, columns: readonly string[]): Asked => ({
  table,
  rows: { kind: 'repeated', columns, where: null },
  what: `${tuple(columns)} more than once`,
})

function ofAlteration(input: ReviewInput, { table, subtype, name, def, statement }: Alteration): readonly Asked[] {
  if (subtype === 'AT_SetNotNull' && name !== null)
    return [{ table, rows: { kind: 'null', column: name }, what: `${name} is null` }]
  if (subtype === 'AT_AddColumn' && isRequired(def))
    return [{ table, rows: { kind: 'any' }, what: `column ${name ?? ''} must not be null and has no default` }]
  if (subtype === 'AT_AlterColumnType' && name !== null) return ofType(input, table, name, def)
  const constraint = subtype === 'AT_AddConstraint' ? child(def, 'Constraint') : null
  if (constraint === null || constraint['skip_validation'] === true) return []
  return ofConstraint(input, table, constraint, statement)
}

const namesOf = (node: TreeNode, key: string): readonly string[] =>
  list(node, key).flatMap((each) => text(child(each, 'String'), 'sval') ?? [])

function ofConstraint(input: ReviewInput, table: TableName, constraint: TreeNode, statement: Placed): readonly Asked[] {
  const keys = namesOf(constraint, 'keys')
  switch (text(constraint, 'contype')) {
    case 'CONSTR_UNIQUE':
      return keys.length > 0 ? [repeated(table, keys)] : []
    case 'CONSTR_PRIMARY':
      return [
        ...(keys.length > 0 ? [repeated(table, keys)] : []),
        ...keys.map((column): Asked => ({ table, rows: { kind: 'null', column }, what: `${column} is null` })),
      ]
    case 'CONSTR_CHECK': {
      const expression = checkText(statement.sql)
      return expression === null ? [] : [{ table, rows: { kind: 'unless', expression }, what: `not (${expression})` }]
    }
    case 'CONSTR_FOREIGN': {
      const to = child(constraint, 'pktable')
      const columns = namesOf(constraint, 'fk_attrs')
      if (to === null || columns.length === 0) return []
      const other = resolved(input, asNamed(to))
      const named = namesOf(constraint, 'pk_attrs')
      const references = named.length > 0 ? named : (tableOn(input, primaryOf(input), other)?.primaryKey ?? [])
      if (references.length !== columns.length) return []
      return [
        {
          table,
          rows: { kind: 'orphan', columns, schema: other.schema, table: other.name, references },
          what: `${tuple(columns)} not in ${other.schema}.${other.name}`,
        },
      ]
    }
    default:
      return []
  }
}

/** The condition of the only check of a statement, where it calls no function: production runs nothing that somebody wrote. */
function checkText(sql: string): string | null {
  const starts = [...sql.matchAll(/\bcheck\s*\(/gi)]
  const [start] = starts
  if (start === undefined || starts.length > 1) return null
  const from = start.index + start[0].length
  let depth = 1
  let end = from
  while (end < sql.length && depth > 0) {
    depth += Number(sql[end] === '(') - Number(sql[end] === ')')
    end += 1
  }
  const expression = sql.slice(from, end - 1).trim()
  const isCalling = /\b(?!in\b|and\b|or\b|not\b|any\b|all\b|between\b|like\b|ilike\b)[a-z_]\w*\s*\(/i.test(expression)
  return depth > 0 || isCalling || /\bselect\b|;|--|\/\*|\$\$/i.test(expression) ? null : expression
}

const ranges: Readonly<Record<string, readonly [string, string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
}

function ofType(input: ReviewInput, table: TableName, column: string, def: TreeNode | null): readonly Asked[] {
  const to = typeText(def) ?? ''
  const from = tableOn(input, primaryOf(input), table)?.columns.find(({ name }) => name === column)?.type ?? ''
  const length = Number(/^character(?: varying)?\((\d+)\)$/.exec(to)?.[1] ?? NaN)
  const isText = /^(text|character)/.test(from)
  if (isText && Number.isInteger(length))
    return [{ table, rows: { kind: 'longer', column, length }, what: `${column} is longer than ${length}` }]
  const range = ranges[to]
  if (range !== undefined && /^(bigint|integer|numeric|double precision|real)/.test(from))
    return [
      {
        table,
        rows: { kind: 'outside', column, least: range[0], largest: range[1] },
        what: `${column} is outside ${to}`,
      },
    ]
  const [, precision, scale = '0'] = /^numeric\((\d+)(?:,(\d+))?\)$/.exec(to) ?? []
  if (precision !== undefined && /^(numeric|bigint|integer)/.test(from)) {
    const largest = `1e${Number(precision) - Number(scale)}`
    return [
      { table, rows: { kind: 'outside', column, least: `-${largest}`, largest }, what: `${column} is outside ${to}` },
    ]
  }
  const version = factOf(input, primaryOf(input), 'server')?.versionNum ?? 0
  const isOther = isText && to !== '' && !/^(text|character|citext)/.test(to) && version >= 160_000
  return isOther ? [{ table, rows: { kind: 'unreadable', column, type: to }, what: `${column} is no ${to}` }] : []
}
