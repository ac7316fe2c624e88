import { z } from 'zod'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRow, readRows } from '../rows/node-reader.ts'
import { literal, qualified } from '../rows/sql.ts'
import type { Statement } from '../session.ts'

export interface IndexName {
  readonly schema: string
  readonly index: string
}

/** Kinds of index that amcheck can look into. */
export type CheckedMethod = 'btree' | 'gin'

const calls: Readonly<Record<CheckedMethod, { readonly name: string; readonly also: string }>> = {
  btree: { name: 'bt_index_check', also: ', true' },
  gin: { name: 'gin_index_check', also: '' },
}

/**
 * `bt_index_check` reads the index, and with `heapallindexed` looks for each row of the table in it; `gin_index_check` looks at
 * the order inside of the index alone. Both take ACCESS SHARE and work on a standby. `schema` is where amcheck is installed.
 */
export const checkIndex = (amcheck: string, { schema, index }: IndexName, method: CheckedMethod): Statement => ({
  text: `select ${qualified(amcheck, calls[method].name)}(${literal(qualified(schema, index))}::regclass${calls[method].also})::text as checked`,
})

/** As it is typed. */
export const checkCall = (amcheck: string, index: string, method: CheckedMethod): string =>
  `${amcheck}.${calls[method].name}('${index}'${calls[method].also})`

const checked = z.object({ checked: z.string().nullable() })

/** Throws `ReadFailed` with what amcheck says (XX002), or with why it could not look. */
export async function readIndexCheck(
  reader: NodeReader,
  amcheck: string,
  name: IndexName & { readonly method: CheckedMethod },
  signal: AbortSignal,
): Promise<void> {
  await readRows(reader, checkIndex(amcheck, name, name.method), checked, signal)
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
