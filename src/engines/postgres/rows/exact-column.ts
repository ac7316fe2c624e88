import { identifier } from './sql.ts'
import type { TableShape, TypedColumn } from './table-shape.ts'

/** A column that is compared: its name, and the expression whose hash is equal only where the bytes are. */
export interface ExactColumn {
  readonly name: string
  readonly expression: string
  /** The built-in type of the expression, where the column may be of a domain over it: a domain's oid is each server's own. */
  readonly type: string | null
}

/** Their hash functions see every bit. Of all others `hash_record` would call different values equal, or has no hash. */
const plain = new Set(
  'bool int2 int4 int8 oid date time timestamp timestamptz uuid bytea name inet cidr macaddr macaddr8 pg_lsn char'.split(
    ' ',
  ),
)

/**
 * NULL hashes like 0.0, NaN and {}; 1.0 like 1.00, -0.0 like 0.0, '1 day' like '24 hours': these are hashed as the bytes
 * that the server sends. `money` is text by lc_monetary, `bpchar` loses its blanks as text.
 */
const sent = new Map([
  ['numeric', 'numeric_send'],
  ['jsonb', 'jsonb_send'],
  ['float4', 'float4send'],
  ['float8', 'float8send'],
  ['interval', 'interval_send'],
  ['timetz', 'timetz_send'],
  ['money', 'cash_send'],
  ['bpchar', 'bpcharsend'],
  ['bit', 'bit_send'],
  ['varbit', 'varbit_send'],
])

const asText = (name: string): string => `t.${name}::text collate "C"`

/** How a column that has the same type on both nodes is compared. */
export function exactColumn(column: TypedColumn): ExactColumn {
  const isPlain = plain.has(column.type) && column.builtIn
  const isText = column.type === 'text' || column.type === 'varchar'
  return {
    name: column.name,
    expression: exactExpression(column),
    type: isPlain ? column.type : isText ? 'text' : null,
  }
}

function exactExpression(column: TypedColumn): string {
  const name = identifier(column.name)
  if (plain.has(column.type) && column.builtIn) return `t.${name}`
  // A nondeterministic collation hashes equal what it calls equal.
  if (column.type === 'text' || column.type === 'varchar') return `t.${name} collate "C"`
  const send = column.builtIn ? sent.get(column.type) : undefined
  if (send) return `${send}(t.${name})`
  // Arrays send the oid of their element type, which differs between nodes for types that users made.
  if (column.isArray && column.builtIn) return `array_send(t.${name})`
  if (column.kind === 'r' && column.builtIn) return `range_send(t.${name})`
  if (column.kind === 'm' && column.builtIn) return `multirange_send(t.${name})`
  return asText(name)
}

const families = [
  ['int2', 'int4', 'int8'],
  ['text', 'varchar', 'bpchar', 'name', 'citext'],
  ['float4', 'float8'],
] as const

const familyOf = (type: string): string =>
  families.find((family) => family.some((member) => member === type))?.[0] ?? type

/** Logical replication carries text: nodes may differ in type where the text stays the same. */
function acrossTypes(source: TypedColumn, target: TypedColumn): string | null {
  const name = identifier(source.name)
  const isText = (column: TypedColumn): boolean => column.kind === 'e' || familyOf(column.type) === 'text'
  if (source.type === 'numeric' && target.type === 'numeric') return `trim_scale(t.${name})::text collate "C"`
  if (familyOf(source.type) === familyOf(target.type) || (isText(source) && isText(target))) return asText(name)
  return null
}

/** The columns that both nodes can be compared by, and why others cannot. */
export interface CommonColumns {
  readonly columns: readonly ExactColumn[]
  /** In words; a comparison that leaves these out must not be called equal. */
  readonly left: readonly string[]
}

export interface Scope {
  /** Columns of the publication; null: all that the source carries. */
  readonly published: readonly string[] | null
  /** A physical copy is equal in its generated columns as well; a subscriber computes its own. */
  readonly physical: boolean
}

/** Matches columns by name, never by position. */
export function commonColumns(source: TableShape, target: TableShape, scope: Scope): CommonColumns {
  const onTarget = new Map(target.columns.map((column) => [column.name, column]))
  const columns: ExactColumn[] = []
  const left: string[] = []
  for (const column of source.columns) {
    if (scope.published !== null && !scope.published.includes(column.name)) continue
    // Computed when it is read: nothing is stored that could differ.
    if (column.generated === 'v') continue
    if (column.generated === 's' && !scope.physical && scope.published === null) continue
    const other = onTarget.get(column.name)
    const same = other?.type === column.type && (column.type !== 'numeric' || other.typmod === column.typmod)
    const expression = other && !same ? acrossTypes(column, other) : null
    if (same) columns.push(exactColumn(column))
    else if (expression !== null) columns.push({ name: column.name, expression, type: null })
    else if (!other) left.push(`column ${column.name} is absent`)
    else left.push(`column ${column.name} is ${column.type} on the source and ${other.type} here`)
  }
  return { columns, left }
}

/**
 * How a row becomes one 64-bit number. `record`: by the server's own hash functions, which no version and no platform promises
 * to keep. `sent`: by SHA-256 of what the server would send as binary, the bytes of `copy … with (format binary)`, which every
 * version writes alike; at three times the CPU, it stands in where two servers hash otherwise. Both say the same of the same rows.
 */
export type HashWay = 'record' | 'sent'

/** Seed 0, because only the wrapping of the columns makes the hash exact, not the seed. */
export function rowHash(columns: readonly ExactColumn[], way: HashWay = 'record'): string {
  if (way === 'record') return `hash_record_extended(row(${columns.map(({ expression }) => expression).join(', ')}), 0)`
  const based = columns.map(({ expression, type }) =>
    type === null ? expression : `(${expression})::pg_catalog.${identifier(type)}`,
  )
  return `('x' || left(encode(sha256(record_send(row(${based.join(', ')}))), 'hex'), 16))::bit(64)::int8`
}
