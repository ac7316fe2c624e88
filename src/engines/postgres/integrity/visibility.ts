import { z } from 'zod'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRows } from '../rows/node-reader.ts'
import { literal, qualified } from '../rows/sql.ts'
import type { TableName } from './heap-check.ts'

const place = z.object({ place: z.string() })

/**
 * Rows on pages that the visibility map calls visible to everybody, or frozen, and that are not: an index-only scan shows
 * deleted rows, and a vacuum passes them by. Reads the pages that the map names; 50 of them are enough to tell.
 */
export async function readWronglyMapped(
  reader: NodeReader,
  visibility: string,
  { schema, name }: TableName,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const of = (check: string): string =>
    `select t_ctid::text as place from ${qualified(visibility, check)}(${literal(qualified(schema, name))}::regclass)`
  const text = `select distinct place from (${of('pg_check_visible')} union all ${of('pg_check_frozen')}) z
    order by place limit 50`
  return (await readRows(reader, { text }, place, signal)).map((row) => row.place)
}
