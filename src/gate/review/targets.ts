import { AntemortemError } from '../../core/error.ts'
import type { Section } from '../change/comments.ts'
import type { Topology } from './input.ts'

export type NodeWords = Pick<Topology, 'nodes' | 'primary'> | null

const groups = ['primary', 'standby', 'subscriber'] as const

/** The nodes that a section names; without one the primary. Where the cluster is not known, the words themselves. */
export function nodesFor(
  section: Pick<Section, 'words' | 'line'> | null,
  file: string,
  cluster: NodeWords,
): readonly string[] {
  if (section === null) return [cluster?.primary ?? 'primary']
  return [...new Set(section.words.flatMap((word) => named(word, section.line, file, cluster)))]
}

function named(word: string, line: number, file: string, cluster: NodeWords): readonly string[] {
  if (cluster === null) return word === 'all' ? ['primary', 'subscriber'] : [word]
  if (cluster.nodes.some(({ name }) => name === word)) return [word]
  const role = groups.find((group) => group === word)
  const found = cluster.nodes.filter((node) => (word === 'all' ? node.role !== 'standby' : node.role === role))
  if ((role !== undefined || word === 'all') && found.length > 0) return found.map(({ name }) => name)
  throw new AntemortemError(
    'change-node',
    `${file}:${line}: there is no node "${word}" in the cluster`,
    `Its nodes are: ${cluster.nodes.map(({ name, role: of }) => `${name} (${of ?? 'not seen'})`).join(', ')}.`,
    { exit: 2 },
  )
}
