import { z } from 'zod'
import type { NodeReader } from './node-reader.ts'
import { readRow } from './node-reader.ts'
import { qualified } from './sql.ts'

/** Is there a table of that name? Needs no privilege on it. */
export async function isPresent(
  reader: NodeReader,
  name: { readonly schema: string; readonly table: string },
  signal: AbortSignal,
): Promise<boolean> {
  const text = 'select to_regclass($1) is not null as present'
  const statement = { text, values: [qualified(name.schema, name.table)] }
  return (await readRow(reader, statement, z.object({ present: z.boolean() }), signal)).present
}
