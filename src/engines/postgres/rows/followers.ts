import { z } from 'zod'
import type { Key } from './comparable.ts'
import type { NodeReader } from './node-reader.ts'
import { readRow, readRows } from './node-reader.ts'
import type { KeyedTable } from './row-images.ts'
import { matchingKeys } from './row-images.ts'

/** A subscription of a node, as far as its publisher is concerned. */
export interface Follower {
  readonly subscription: string
  readonly slot: string
  readonly publications: readonly string[]
  /** false: `origin = none` (16 and later), it is sent only what was written on its publisher itself. */
  readonly takesOrigins: boolean
}

const row = z.object({
  subscription: z.string(),
  slot: z.string(),
  publications: z.array(z.string()),
  takesOrigins: z.boolean(),
})

/** `pg_subscription` of this database; `suborigin` is there from 16 on. */
export async function readFollowers(reader: NodeReader, signal: AbortSignal): Promise<readonly Follower[]> {
  const version = `select current_setting('server_version_num')::int4 as num`
  const { num } = await readRow(reader, { text: version }, z.object({ num: z.number() }), signal)
  const text = `select subname::text as subscription, subslotname::text as slot, subpublications as publications,
      ${num >= 160_000 ? `suborigin <> 'none'` : 'true'} as "takesOrigins"
    from pg_subscription where subslotname is not null
      and subdbid = (select oid from pg_database where datname = current_database())`
  return readRows(reader, { text }, row, signal)
}

/** How many of these rows a node has. */
export async function countThere(
  reader: NodeReader,
  table: KeyedTable,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<number> {
  const statement = {
    text: `select count(*)::int4 as rows from ${matchingKeys(table)}`,
    values: [JSON.stringify(keys)],
  }
  return (await readRow(reader, statement, z.object({ rows: z.number() }), signal)).rows
}
