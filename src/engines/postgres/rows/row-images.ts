import { z } from 'zod'
import type { RowImage } from '../../../core/verification.ts'
import type { Statement } from '../session.ts'
import type { Key, RowRead } from './comparable.ts'
import type { ExactColumn } from './exact-column.ts'
import { rowHash } from './exact-column.ts'
import type { NodeReader } from './node-reader.ts'
import { readRows } from './node-reader.ts'
import { keyTexts } from './predicate.ts'
import { identifier, literal, qualified, regclass } from './sql.ts'

/** A column whose value is kept as the text that its type's output function prints, and made again by its input function. */
export interface ImageColumn {
  readonly name: string
  /** As `format_type` writes it: with its schema, length and precision. */
  readonly type: string
  /** `char(n)`: its cast to text loses the blanks that its output function prints. */
  readonly isPadded: boolean
  /** `pg_attribute.attgenerated`: '' not, s stored, v virtual. */
  readonly generated: '' | 's' | 'v'
}

/** A table whose rows are read and written by key. */
export interface KeyedTable {
  readonly schema: string
  readonly table: string
  readonly key: readonly string[]
  /** All that are stored, and among them those of the key. */
  readonly columns: readonly ImageColumn[]
  /** Rows that it does not let through are not there: the publication does not send them. */
  readonly rowFilter?: string | null
}

/** A row as it is, and whether its text makes the same bytes again. */
export interface ImagedRow extends RowRead {
  /** Whole: values of any size travel, because they are to be written. */
  readonly image: RowImage
  /** The hash of what its text makes when it is read again. */
  readonly back: string
}

const columnRow = z.object({
  name: z.string(),
  type: z.string(),
  isPadded: z.boolean(),
  generated: z.enum(['', 's', 'v']),
})

/** `pg_attribute` of one table; a domain over `char(n)` is padded, too. */
const columnsText = (schema: string, table: string): string => `with recursive base(attnum, type) as (
    select attnum, atttypid from pg_attribute where attrelid = ${regclass(schema, table)} and attnum > 0 and not attisdropped
    union all select b.attnum, t.typbasetype from base b join pg_type t on t.oid = b.type where t.typtype = 'd')
  select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, a.attgenerated::text as generated,
    exists (select from base b where b.attnum = a.attnum and b.type = 'bpchar'::regtype) as "isPadded"
  from pg_attribute a where a.attrelid = ${regclass(schema, table)} and a.attnum > 0 and not a.attisdropped order by a.attnum`

/** What the columns of a table are called in casts. */
export async function readImageColumns(
  reader: NodeReader,
  { schema, table }: { readonly schema: string; readonly table: string },
  signal: AbortSignal,
): Promise<readonly ImageColumn[]> {
  return readRows(reader, { text: columnsText(schema, table) }, columnRow, signal)
}

/** The text of a column as its output function prints it. */
const textOf = ({ name, isPadded }: ImageColumn): string => {
  const column = `t.${identifier(name)}`
  return isPadded ? `case when ${column} is not null then concat(${column}) end` : `${column}::text`
}

/** A function takes 100 arguments at most. */
function objectOf(pairs: readonly string[]): string {
  const calls: string[] = []
  for (let n = 0; n < pairs.length; n += 50) calls.push(`jsonb_build_object(${pairs.slice(n, n + 50).join(', ')})`)
  return calls.length === 0 ? "'{}'::jsonb" : calls.join(' || ')
}

/** The whole row as text, column by column. Nothing is stored of what is virtual. */
export const imageOf = (columns: readonly ImageColumn[]): string =>
  objectOf(
    columns.filter(({ generated }) => generated !== 'v').map((column) => `${literal(column.name)}, ${textOf(column)}`),
  )

/** The keys that stand in `$1`, a JSON array of keys, as `k`: each value in the type of its column. */
export function wantedKeys({ key, columns }: KeyedTable): string {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]))
  const wanted = key.map((name, n) => `(k.value ->> ${n})::${typeOf.get(name) ?? 'text'} as k${n}`)
  return `(select ${wanted.join(', ')} from json_array_elements($1::json) k(value) offset 0) k`
}

export const sameKey = ({ key }: KeyedTable): string =>
  key.map((name, n) => `t.${identifier(name)} = k.k${n}`).join(' and ')

/**
 * Rows of the table `t` whose keys stand in `$1`. A join over a unique index stops at the first row of a key; a table that is
 * damaged may have two, and neither may hide the other.
 */
export const matchingKeys = (table: KeyedTable, { isLocked = false } = {}): string =>
  `${wantedKeys(table)} cross join lateral (select t.xmin, t.* from ${qualified(table.schema, table.table)} t
    where ${sameKey(table)} ${table.rowFilter == null ? '' : `and (${table.rowFilter})`} offset 0
    ${isLocked ? 'for update' : ''}) t`

/** Reads rows by key, each with the proof that its text is as good as itself; hashed by what every server sends alike. */
export function imagesStatement(table: KeyedTable, compared: readonly ExactColumn[], keys: readonly Key[]): Statement {
  const made = new Map(table.columns.map((column) => [column.name, column]))
  const again = compared.flatMap(({ name }) => {
    const column = made.get(name)
    if (!column) return []
    // What is computed when it is read has no text of its own.
    const value = column.generated === 'v' ? 'null' : `(i.image ->> ${literal(name)})`
    return [`${value}::${column.type} as ${identifier(name)}`]
  })
  return {
    text: `select i.key, i.image, i.hash, i.version,
        (select ${rowHash(compared, 'sent')}::text from (select ${again.join(', ')}) t) as back
      from (select ${keyTexts(table.key)} as key, ${imageOf(table.columns)} as image, ${rowHash(compared, 'sent')}::text as hash,
          t.xmin::text as version
        from ${matchingKeys(table)} offset 0) i`,
    values: [JSON.stringify(keys)],
  }
}

export const imageShape = z.record(z.string(), z.string().nullable())

const imagedRow = z
  .object({ key: z.array(z.string()), image: imageShape, hash: z.string(), version: z.string(), back: z.string() })
  .transform((row) => ({ ...row, columns: {} }))

/** The rows that are there, in no order. */
export async function readImages(
  reader: NodeReader,
  table: KeyedTable,
  compared: readonly ExactColumn[],
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<readonly ImagedRow[]> {
  return keys.length === 0 ? [] : readRows(reader, imagesStatement(table, compared, keys), imagedRow, signal)
}
