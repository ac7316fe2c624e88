import type { ClusterConfig } from '../../../core/configuration.ts'
import { wordsBefore } from '../../../engines/postgres/ddl/words-before.ts'
import { Links } from '../../../rows/links.ts'
import type { Step } from '../../run/targets.ts'
import { questionOf, type Telling, type Told } from './told.ts'

/** Asks each node what its statements would have to be taken back to. A question that meets no answer stays open. */
export async function askBefore(cluster: ClusterConfig, steps: readonly Step[], signal: AbortSignal): Promise<Telling> {
  const links = new Links(cluster, signal, 'antemortem-gate-look')
  const known = new Map<string, readonly Told[]>()
  try {
    for (const { statement, nodes } of steps) {
      const question = questionOf(statement)
      if (question === null) continue
      for (const node of nodes) {
        const told = await wordsBefore(await links.reader(node), question, signal)
        if (told !== null) known.set(keyOf(node, question), told)
      }
    }
  } finally {
    await links.close()
  }
  return (node, question) => known.get(keyOf(node, question)) ?? null
}

const keyOf = (node: string, question: string): string => `${node}\n${question}`
