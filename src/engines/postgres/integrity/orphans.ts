import { z } from 'zod'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRow } from '../rows/node-reader.ts'
import { identifier, qualified } from '../rows/sql.ts'
import type { Blocks } from './heap-check.ts'
import type { ForeignKey } from './objects.ts'

const row = z.object({ orphans: z.number(), some: z.array(z.string()) })

/** Rows of some blocks whose parent is not there. */
export type Orphans = z.output<typeof row>

/** NULL in a column refers to nothing (MATCH SIMPLE), and is no orphan. */
export async function findOrphans(
  reader: NodeReader,
  { schema, table, columns, parent, references }: ForeignKey,
  { from, to }: Blocks,
  signal: AbortSignal,
): Promise<Orphans> {
  const pairs = columns.map((column, n) => `p.${identifier(references[n] ?? '')} = t.${identifier(column)}`)
  const values = columns.map((column) => `t.${identifier(column)}`)
  const text = `select count(*)::float8 as orphans, coalesce((array_agg(o.key order by o.key))[1:3], '{}') as some
    from (select row(${values.join(', ')})::text as key from ${qualified(schema, table)} t
      where ${values.map((value) => `${value} is not null`).join(' and ')} and t.ctid >= '(${from},0)' and t.ctid < '(${to + 1},0)'
        and not exists (select from ${qualified(...parent)} p where ${pairs.join(' and ')})) o`
  return readRow(reader, { text }, row, signal)
}
