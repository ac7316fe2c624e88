import { z } from 'zod'
import type { NodeReader } from './node-reader.ts'
import { readRow } from './node-reader.ts'

/** The next transaction number: where it stays the same, nobody has begun to write anything in any database of the server. */
const text = 'select pg_snapshot_xmax(pg_current_snapshot())::text as next'

export async function readWrites(reader: NodeReader, signal: AbortSignal): Promise<string> {
  return (await readRow(reader, { text }, z.object({ next: z.string() }), signal)).next
}
