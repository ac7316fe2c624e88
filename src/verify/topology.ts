import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../core/configuration.ts'
import type { FactKey } from '../core/facts/postgres/index.ts'
import type { NodeView } from '../core/snapshot.ts'
import { openFleet } from '../fleet/fleet.ts'

const limits = {
  longestMs: { default: 15_000, unit: 'ms', why: 'a server that has not told what it is by then is not seen' },
  pauseMs: { default: 50, unit: 'ms', why: 'between two rounds, which wait for who is slow by themselves' },
} as const

/** What tells who follows whom. */
const needed = [
  'server',
  'subscriptions',
  'publications',
  'replicationSlots',
  'settings',
] as const satisfies readonly FactKey[]

const isKnown = ({ facts }: NodeView): boolean =>
  needed.every((key) => {
    const fact = facts[key]
    return fact.seen || fact.why !== 'no-history'
  })

/** A light look at a cluster: each node's role, and what it follows. */
export async function lookAtTopology(cluster: ClusterConfig, signal: AbortSignal): Promise<readonly NodeView[]> {
  const fleet = await openFleet(cluster, { clock: Date.now, signal })
  try {
    const endMs = performance.now() + limits.longestMs.default
    for (;;) {
      const { nodes } = await fleet.tick()
      if (nodes.every(isKnown) || performance.now() > endMs) return nodes
      await sleep(limits.pauseMs.default, undefined, { signal })
    }
  } finally {
    await fleet.close()
  }
}
