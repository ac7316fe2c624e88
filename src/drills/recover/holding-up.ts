import type { ClusterConfig } from '../../core/configuration.ts'
import { withActor } from '../../engines/postgres/act/actor.ts'
import { endHolders } from '../../engines/postgres/act/end-holders.ts'
import { reachOf } from '../../repair/reach.ts'
import type { Judged } from '../../watch/watch.ts'

const limits = {
  actMs: { default: 10_000, unit: 'ms', why: 'a session that does nothing ends at once' },
} as const

/** Ends what holds up replay on the standbys, as whoever sees it there would by hand. In words, what was ended. */
export async function freeStandbys(
  cluster: ClusterConfig,
  judged: Judged,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { act } = reachOf(cluster)
  const words: string[] = []
  for (const { name } of judged.case.snapshot.nodes.filter(({ role }) => role === 'standby')) {
    const options = { signal, deadlineMs: limits.actMs.default, about: `replay on ${name}` }
    const ended = await withActor(name, act(name), options, endHolders)
    words.push(...ended.map((application) => `end the session '${application}' that holds up replay on ${name}`))
  }
  return words
}
