import { z } from 'zod'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRow } from '../rows/node-reader.ts'
import { qualified } from '../rows/sql.ts'

/** What a table holds on one node: how many rows, and a sum over all of them that another content gives otherwise. */
export interface Contents {
  readonly rows: number
  /** Of the rows as the server prints them, in any order; comparable between two looks of one session's settings. */
  readonly hash: string
}

const row = z.object({ rows: z.number(), hash: z.string() })

/** One scan of the table. Throws `ReadFailed`: no privilege, a policy, a damaged page, or too large for the statement's time. */
export async function readContents(
  reader: NodeReader,
  { schema, table }: { readonly schema: string; readonly table: string },
  signal: AbortSignal,
): Promise<Contents> {
  const text = `select pg_catalog.count(*)::pg_catalog.float8 as rows,
      coalesce(pg_catalog.sum(pg_catalog.hashtextextended(antemortem_row::pg_catalog.text, 0)::pg_catalog.numeric), 0)::pg_catalog.text as hash
    from only ${qualified(schema, table)} as antemortem_row`
  return readRow(reader, { text }, row, signal)
}
