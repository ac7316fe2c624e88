import { z } from 'zod'
import type { ClusterConfig } from '../../core/configuration.ts'
import { withActor } from '../../engines/postgres/act/actor.ts'
import type { Judged } from '../../watch/watch.ts'
import { reachOf } from '../../repair/reach.ts'

const limits = {
  actMs: { default: 10_000, unit: 'ms', why: 'a session that does nothing ends at once' },
} as const

const ended = z.object({ application: z.string() })

/** Forgotten transactions of clients: what they once read, replay must not take from them. */
const text = `select application_name as application from pg_stat_activity
  where state = 'idle in transaction' and backend_xmin is not null and application_name not like 'antemortem%'
    and pg_terminate_backend(pid)`

/** Ends the sessions that hold up replay on the standbys, as whoever sees them there would by hand. In words, what was ended. */
export async function endHolders(
  cluster: ClusterConfig,
  judged: Judged,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { act } = reachOf(cluster)
  const standbys = judged.case.snapshot.nodes.filter(({ role }) => role === 'standby')
  const words: string[] = []
  for (const { name } of standbys) {
    const options = { signal, deadlineMs: limits.actMs.default, about: `replay on ${name}` }
    const rows = await withActor(name, act(name), options, async (actor) => actor.run({ text }))
    for (const row of rows)
      words.push(`end the session '${ended.parse(row).application}' that holds up replay on ${name}`)
  }
  return words
}
