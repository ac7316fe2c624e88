import { z } from 'zod'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRow, readRows } from '../rows/node-reader.ts'
import { literal, qualified } from '../rows/sql.ts'
import type { Statement } from '../session.ts'

export interface IndexName {
  readonly schema: string
  readonly index: string
}

/**
 * `bt_index_check`: reads the index, and with `heapallindexed` looks for each row of the table in it. Takes ACCESS SHARE on
 * both; works on a standby. `schema` is where amcheck is installed.
 */
export const checkIndex = (amcheck: string, name: IndexName, heapAllIndexed: boolean): Statement => ({
  text: `select ${qualified(amcheck, 'bt_index_check')}(${literal(qualified(name.schema, name.index))}::regclass, ${heapAllIndexed})::text as checked`,
})

const checked = z.object({ checked: z.string().nullable() })

/** Throws `ReadFailed` with what amcheck says (XX002), or with why it could not look. */
export async function readIndexCheck(
  reader: NodeReader,
  amcheck: string,
  name: IndexName,
  signal: AbortSignal,
): Promise<void> {
  await readRows(reader, checkIndex(amcheck, name, true), checked, signal)
}

/** The oid of an index; empty where there is none. */
export async function readIndexOid(
  reader: NodeReader,
  { schema, index }: IndexName,
  signal: AbortSignal,
): Promise<string> {
  const statement = { text: 'select to_regclass($1)::oid::text as oid', values: [qualified(schema, index)] }
  const { oid } = await readRow(reader, statement, z.object({ oid: z.string().nullable() }), signal)
  return oid ?? ''
}
