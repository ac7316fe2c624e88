import { setTimeout as sleep } from 'node:timers/promises'
import type { Check } from '../core/check.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import type { NodeView } from '../core/snapshot.ts'
import { versionNote, versionText } from '../engines/postgres/index.ts'
import { inspect, type Thresholds } from '../findings/inspect.ts'
import { Watch } from '../watch/watch.ts'
import type { Audit } from './text/checks.ts'

/** Counters are judged by their growth: two looks, this far apart. */
const apartMs = 1_200

/** Looks at a cluster for some seconds, and runs the checks once over what was seen. Nothing is written anywhere. */
export async function audit(
  cluster: ClusterConfig,
  checks: readonly Check[],
  thresholds: Thresholds,
  signal: AbortSignal,
): Promise<Audit> {
  const ended = new AbortController()
  const both = AbortSignal.any([signal, ended.signal])
  const watch = await Watch.open(cluster, {
    catalogue: { checks, causes: [], suspects: [], thresholds },
    clock: Date.now,
    signal: both,
    append: () => Promise.resolve([]),
    onEvent: () => undefined,
    compareAll: true,
  })
  const running = watch.run()
  try {
    const end = performance.now() + 15_000
    const isDone = (): boolean => {
      const [first] = watch.state.history
      const last = watch.state.history.at(-1)
      return first !== undefined && last !== undefined && last.atMs - first.atMs >= apartMs && watch.hasCompared
    }
    while (!isDone() && performance.now() < end) {
      await Promise.race([sleep(50, undefined, { signal }), running])
      signal.throwIfAborted()
    }
    const history = watch.state.history
    const snapshot = history.at(-1)
    if (!snapshot)
      return {
        name: cluster.name,
        nodes: cluster.nodes.map(({ name }) => ({ name, role: null, version: 'not seen' })),
        results: [],
      }
    const now = watch.judged?.case.snapshot ?? snapshot
    return {
      name: cluster.name,
      nodes: now.nodes.map(nodeWords),
      results: inspect(checks, now, history.slice(0, -1), thresholds),
    }
  } finally {
    ended.abort()
    await running
    await watch.close('audited')
  }
}

function nodeWords(node: NodeView): Audit['nodes'][number] {
  const { server } = node.facts
  if (!server.seen) return { name: node.name, role: null, version: server.detail }
  const { versionNum } = server.value
  return {
    name: node.name,
    role: node.role,
    version: [versionText(versionNum), versionNote(versionNum)].filter((part) => part !== null).join(', '),
  }
}
