import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { Catalogue } from '../../watch/evaluate.ts'
import { Watch } from '../../watch/watch.ts'

/** Counters that grow are seen to grow. */
const apartMs = 150
const longestMs = 15_000

export interface Seen {
  readonly snapshot: Snapshot
  readonly earlier: readonly Snapshot[]
}

/**
 * Who is primary and who follows it, counters of damage, and the logs: two short looks. The application is no concern of it,
 * and rows are compared later, at a pace of their own. Null: no round came to an end.
 */
export async function seenOf(cluster: ClusterConfig, catalogue: Catalogue, signal: AbortSignal): Promise<Seen | null> {
  const ended = new AbortController()
  const watch = await Watch.open(
    { ...cluster, contracts: [], invariants: [] },
    {
      catalogue,
      clock: Date.now,
      signal: AbortSignal.any([signal, ended.signal]),
      append: () => Promise.resolve([]),
      onEvent: () => undefined,
      pauseMs: apartMs,
    },
  )
  const running = watch.run()
  try {
    const endMs = performance.now() + longestMs
    while (!isDone(watch) && performance.now() < endMs) {
      await Promise.race([sleep(20, undefined, { signal }), running])
      signal.throwIfAborted()
    }
    const { history } = watch.state
    const snapshot = watch.judged?.case.snapshot ?? history.at(-1)
    return snapshot === undefined ? null : { snapshot, earlier: history.slice(0, -1) }
  } finally {
    ended.abort()
    await running
    await watch.close('looked')
  }
}

/** Of a node that was not asked yet nothing is known, not even that it does not answer; files of a host come later still. */
function isDone({ state: { history }, judged }: Watch): boolean {
  const [first] = history
  const last = history.at(-1)
  if (!judged || first === undefined || last === undefined || last.atMs - first.atMs < apartMs) return false
  const { nodes, facts } = judged.case.snapshot
  const asked = nodes.flatMap(({ facts: { server, databases, replicationSlots } }) => [
    server,
    databases,
    replicationSlots,
  ])
  return [...asked, facts.hosts, facts.logs].every((fact) => fact.seen || fact.why !== 'no-history')
}
