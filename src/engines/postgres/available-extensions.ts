import { z } from 'zod'
import type { NodeLink } from './connect.ts'

const row = z.object({ names: z.array(z.string()) })

/** Names of the extensions whose files lie on the server's host; null where it does not say. Any role may ask. */
export async function availableExtensions(link: NodeLink, signal: AbortSignal): Promise<readonly string[] | null> {
  const reached = await link.reach(signal)
  if (!reached.ok) return null
  const text = `select coalesce(json_agg(name::text), '[]') as names from pg_catalog.pg_available_extensions`
  const answer = await reached.reader.session.run({ text }, { signal, deadlineMs: 10_000 })
  return answer.ok ? row.parse(answer.rows[0]).names : null
}
