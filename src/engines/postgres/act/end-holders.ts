import { z } from 'zod'
import type { Actor } from './actor.ts'

const ended = z.object({ application: z.string() })

/**
 * Forgotten transactions of clients (`pg_stat_activity`, `pg_terminate_backend`): what they once read, replay must not take from
 * them.
 */
const text = `select application_name as application from pg_stat_activity
  where state = 'idle in transaction' and backend_xmin is not null and application_name not like 'antemortem%'
    and pg_terminate_backend(pid)`

/** Ends the sessions that do nothing and hold up replay on a standby; their application names. */
export async function endHolders(actor: Actor): Promise<readonly string[]> {
  return (await actor.run({ text })).map((row) => ended.parse(row).application)
}
