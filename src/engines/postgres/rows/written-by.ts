import { z } from 'zod'
import type { RowImage } from '../../../core/verification.ts'
import type { NodeReader } from './node-reader.ts'
import { readRows } from './node-reader.ts'
import { keyTexts } from './predicate.ts'
import type { KeyedTable } from './row-images.ts'
import { imageOf, imageShape } from './row-images.ts'
import { qualified } from './sql.ts'

const limits = {
  rows: { default: 1_000, unit: 'rows', why: 'a transaction that wrote more is not mended row by row' },
} as const

const written = z.object({ key: z.array(z.string()), image: imageShape })

/** Rows whose last version was written by one transaction of this server. What was written again since is not among them. */
export async function rowsWrittenBy(
  reader: NodeReader,
  table: KeyedTable,
  xid: number,
  signal: AbortSignal,
): Promise<readonly { readonly key: readonly string[]; readonly image: RowImage }[]> {
  const text = `select ${keyTexts(table.key)} as key, ${imageOf(table.columns)} as image
    from ${qualified(table.schema, table.table)} t where t.xmin = $1::xid limit ${limits.rows.default}`
  return readRows(reader, { text, values: [String(xid)] }, written, signal)
}
