import { unseen } from '../../core/observation.ts'
import type { NodeView, Snapshot } from '../../core/snapshot.ts'
import type { NodeLink } from '../../engines/postgres/index.ts'
import { sampleFast, sampleSlow } from '../../engines/postgres/index.ts'
import { merge, noFacts } from '../../fleet/kept-facts.ts'
import type { Stage } from './stage.ts'
import { linkOf } from './stage.ts'

const askMs = 10_000

/** The whole copy at one moment, in the same words in which production is watched. */
export async function lookAt(stage: Stage, cluster: string): Promise<Snapshot> {
  const nodes = await Promise.all(
    stage.nodes.map(async ({ name, role }): Promise<NodeView> => {
      const facts = await factsOf(linkOf(stage, name), stage.signal)
      return { name, kind: 'postgres', role, upstream: role === 'primary' ? null : stage.primary, facts }
    }),
  )
  const none = unseen('not-configured', 'a rehearsal has no applications', 'look at production')
  return {
    cluster,
    atMs: Date.now(),
    nodes,
    facts: {
      contracts: none,
      canaries: none,
      outcomes: none,
      touched: none,
      paths: none,
      logs: none,
      hosts: none,
      files: none,
      lastGood: none,
      invariants: none,
    },
  }
}

async function factsOf(link: NodeLink, signal: AbortSignal): Promise<NodeView['facts']> {
  const options = { signal, deadlineMs: askMs, clock: Date.now }
  const fast = await sampleFast(link, { ...options, digest: false })
  return merge(merge(noFacts, fast), await sampleSlow(link, options))
}
