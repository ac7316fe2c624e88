import { z } from 'zod'
import type { RowImage } from '../../../core/verification.ts'
import { identifier, literal, qualified } from '../rows/sql.ts'
import type { Actor } from './actor.ts'
import type { ForeignKey } from './repair-look.ts'

const broken = z.object({ row: z.array(z.string()) })

/** As many as a person looks at. */
const shown = 10

/**
 * Values of a foreign key that have no row to refer to, among rows that were written while foreign keys were off: rows that
 * refer, and rows that were referred to. One without a value for each of its columns refers to nothing.
 */
export async function orphansOf(
  actor: Actor,
  key: ForeignKey,
  images: readonly RowImage[],
): Promise<readonly (readonly string[])[]> {
  const own = key.isParent ? key.parentColumns : key.childColumns
  const wanted = images
    .filter((image) => own.every((name) => typeof image[name] === 'string'))
    .map((image) => own.map((name) => image[name] ?? ''))
  if (wanted.length === 0) return []
  const child = qualified(key.childSchema, key.child)
  const parent = qualified(key.parentSchema, key.parent)
  // As text: the two sides may be of types that are only alike (integer and bigint).
  const values = key.childColumns.map((name) => `c.${identifier(name)}::text`)
  const asked = key.childColumns.map((name, n) => `c.${identifier(name)} = (${typed(key, n)})`)
  const same = key.childColumns.map((name, n) => `p.${identifier(key.parentColumns[n] ?? '')} = c.${identifier(name)}`)
  const rows = await actor.run({
    text: `select distinct array[${values.join(', ')}] as row
      from json_array_elements($1::json) k(value) join ${child} c on ${asked.join(' and ')}
      where not exists (select from ${parent} p where ${same.join(' and ')}) order by 1 limit ${shown}`,
    values: [JSON.stringify([...new Map(wanted.map((row) => [JSON.stringify(row), row])).values()])],
  })
  return z
    .array(broken)
    .parse(rows)
    .map(({ row }) => row)
}

/** The text of a value in the type of its column there: only so can an index be used. */
const typed = (key: ForeignKey, n: number): string => `(k.value ->> ${n})::${key.childTypes[n] ?? 'text'}`

/** Of a sequence: the greatest value that its column holds; null in an empty table. */
export async function greatest(
  actor: Actor,
  { schema, table }: { readonly schema: string; readonly table: string },
  column: string,
): Promise<string | null> {
  const rows = await actor.run({
    text: `select max(${identifier(column)})::text as most from ${qualified(schema, table)}`,
  })
  return z.object({ most: z.string().nullable() }).parse(rows[0]).most
}

/** Puts a sequence where its column is; for people to run. */
export const setval = (sequence: string, value: string): string => `select setval(${literal(sequence)}, ${value})`
