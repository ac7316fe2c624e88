import type { ClusterConfig } from '../../../core/configuration.ts'
import { AntemortemError } from '../../../core/error.ts'
import { wordsBefore } from '../../../engines/postgres/ddl/words-before.ts'
import { readAddress, resolveUrl } from '../../../engines/postgres/index.ts'
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
        const told = await wordsBefore(await links.reader(node), { question, acting: actingOn(cluster, node) }, signal)
        if (told !== null) known.set(keyOf(node, question), told)
      }
    }
  } finally {
    await links.close()
  }
  return (node, question) => known.get(keyOf(node, question)) ?? null
}

/** By whom the change runs on a node; null where nobody is to act there, or where that cannot be looked up. */
function actingOn({ nodes }: ClusterConfig, node: string): string | null {
  const act = nodes.find(({ name }) => name === node)?.act ?? null
  try {
    return act === null ? null : readAddress(resolveUrl(act, node)).user
  } catch (error) {
    if (error instanceof AntemortemError) return null
    throw error
  }
}

const keyOf = (node: string, question: string): string => `${node}\n${question}`
