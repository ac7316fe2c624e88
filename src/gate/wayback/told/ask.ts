import { z } from 'zod'
import type { ClusterConfig } from '../../../core/configuration.ts'
import { Links } from '../../../rows/links.ts'
import type { Step } from '../../run/targets.ts'
import { questionOf, type Telling, type Told } from './told.ts'

const answered = z.array(z.object({ name: z.string().nullish(), words: z.string() }))
const deadlineMs = 10_000

/** Asks each node what its statements would have to be taken back to. A question that meets no answer stays open. */
export async function askBefore(cluster: ClusterConfig, steps: readonly Step[], signal: AbortSignal): Promise<Telling> {
  const links = new Links(cluster, signal, 'antemortem-gate-look')
  const known = new Map<string, readonly Told[]>()
  try {
    for (const { statement, nodes } of steps) {
      const question = questionOf(statement)
      if (question === null) continue
      for (const node of nodes) {
        const reader = await links.reader(node)
        // Names are told with their schemas, so that they mean the same in any session.
        const text = `set local search_path = pg_catalog; ${question}`
        const answer = await reader.run({ text }, { signal, deadlineMs })
        if (!answer.ok) continue
        const told = answered.parse(answer.rows).map(({ name, words }) => ({ name: name ?? null, words }))
        known.set(keyOf(node, question), told)
      }
    }
  } finally {
    await links.close()
  }
  return (node, question) => known.get(keyOf(node, question)) ?? null
}

const keyOf = (node: string, question: string): string => `${node}\n${question}`
