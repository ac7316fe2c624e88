import { z } from 'zod'
import type { NodeReader } from '../rows/node-reader.ts'
import { literal } from '../rows/sql.ts'

/** A statement as the catalog has put it; `name`: of the part that it speaks of. */
export interface WordsBefore {
  readonly name: string | null
  readonly words: string
}

const rows = z.array(z.object({ name: z.string().nullish(), words: z.string() }))
const deadlineMs = 10_000

/** In a question: the name of the role by which the change runs; empty where nobody said one. */
export const actingRole = `current_setting('antemortem.acting_role', true)`

/**
 * The rows of a question over the catalog, all names in them with their schemas, so that they mean the same in any session;
 * null where there is no answer.
 */
export async function wordsBefore(
  reader: NodeReader,
  { question, acting }: { readonly question: string; readonly acting: string | null },
  signal: AbortSignal,
): Promise<readonly WordsBefore[] | null> {
  const text = `set local search_path = pg_catalog; set local antemortem.acting_role = ${literal(acting ?? '')}; ${question}`
  const answer = await reader.run({ text }, { signal, deadlineMs })
  return answer.ok ? rows.parse(answer.rows).map(({ name, words }) => ({ name: name ?? null, words })) : null
}
