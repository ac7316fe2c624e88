import { AntemortemError } from '../../core/error.ts'
import type { NodeView } from '../../core/snapshot.ts'
import { ReadFailed } from '../../engines/postgres/rows/node-reader.ts'
import type { ChunkVerdict } from '../../rows/compare-table.ts'
import { remedyOf, wordsOf } from '../../rows/refusal.ts'
import { pairsOf } from '../pairs.ts'
import { unverifiable } from '../report.ts'
import type { RowWork } from '../work.ts'

/** Who follows whom: with another shape other tables are compared. */
export function shapeOf(nodes: readonly NodeView[]): string {
  const { pairs, blind } = pairsOf(nodes)
  return JSON.stringify([pairs.map(({ left, right, follows }) => [left, right, follows]), blind])
}

/** What cannot be read, and what is no bug of ours, is an answer. */
export function refusalOf(
  error: unknown,
  { schema, table }: { readonly schema: string; readonly table: string },
): ChunkVerdict {
  if (error instanceof AntemortemError) return unverifiable(error.message, error.hint)
  if (error instanceof ReadFailed) return unverifiable(wordsOf(error), remedyOf(error, schema, table))
  throw error
}

/** A node that does not answer is not one that refuses: it is late. */
export async function asReached(chunk: ChunkVerdict, { left, right, signal }: RowWork): Promise<ChunkVerdict> {
  if (chunk.verdict !== 'unverifiable') return chunk
  const deadline = { signal, deadlineMs: 5_000 }
  const answers = await Promise.all([left, right].map(async (node) => node.run({ text: 'select 1' }, deadline)))
  return answers.every(({ ok }) => ok) ? chunk : { ...chunk, verdict: 'lagging' }
}
