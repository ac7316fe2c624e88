import { z } from 'zod'
import type { Key } from './comparable.ts'
import type { Compared } from './digest-statement.ts'
import type { NodeReader } from './node-reader.ts'
import { readRow } from './node-reader.ts'
import { regclass } from './sql.ts'

/**
 * Where a row version lies in its table's file. A physical copy has it at the same place, so there it is a key for what has
 * none: a row that moves while it is looked for was written meanwhile, like any row that is written behind the comparison.
 */
export const placeColumn = 'ctid'

/** Rows of a page, in a table that was never analysed. */
const rowsUnknown = 50

const row = z.object({ block: z.number(), blocks: z.number(), rows: z.number() })

/** A place with about `limit` rows between it and `after`; null where the file ends before. Rows are not in a place's order. */
export async function placeBehind(
  reader: NodeReader,
  table: Compared,
  { after, limit }: { readonly after: Key | null; readonly limit: number },
  signal: AbortSignal,
): Promise<Key | null> {
  const text = `select coalesce(split_part(trim(leading '(' from $1::text), ',', 1)::float8, 0) as block,
      pg_relation_size(c.oid)::float8 / current_setting('block_size')::int4 as blocks,
      case when relpages > 0 and reltuples > 0 then reltuples / relpages else ${rowsUnknown} end::float8 as rows
    from pg_class c where c.oid = ${regclass(table.schema, table.table)}`
  const { block, blocks, rows } = await readRow(reader, { text, values: [after?.[0] ?? null] }, row, signal)
  const next = block + Math.max(1, Math.round(limit / rows))
  return next < blocks ? [`(${next},0)`] : null
}

/** Has it rows, and only its own? In several files the same place comes several times. */
export const hasOwnPlaces = (relation: string): string =>
  `(select c.relkind in ('r', 'm') and not exists (select from pg_inherits where inhparent = c.oid)
    from pg_class c where c.oid = ${relation})`
