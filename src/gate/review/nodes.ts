import type { FactKey, PostgresFacts } from '../../core/facts/postgres/index.ts'
import type { NodeRole, NodeView } from '../../core/snapshot.ts'
import type { Placed, ReviewInput } from './input.ts'
import { oncePer } from './once-per.ts'

export const primaryOf = ({ topology }: ReviewInput): string => topology?.primary ?? 'primary'

/** Names of nodes of a role; the role's own word where the cluster is not known. */
export const nodesOf = ({ topology }: ReviewInput, role: NodeRole): readonly string[] =>
  topology === null ? [role] : topology.nodes.filter((node) => node.role === role).map(({ name }) => name)

export const basisOf = ({ topology }: ReviewInput): 'text' | 'topology' => (topology === null ? 'text' : 'topology')

export const viewOf = ({ topology }: ReviewInput, name: string): NodeView | undefined =>
  topology?.nodes.find((node) => node.name === name)

/** A fact of a node; null where it was not seen, or the cluster is not known. */
export function factOf<K extends FactKey>(input: ReviewInput, node: string, key: K): PostgresFacts[K] | null {
  const fact = viewOf(input, node)?.facts[key]
  return fact?.seen === true ? fact.value : null
}

export const isOnPrimary = (input: ReviewInput, { nodes }: Pick<Placed, 'nodes'>): boolean =>
  nodes.includes(primaryOf(input))

/** Those of its nodes that have the role. */
export const placedOn = (
  input: ReviewInput,
  { nodes }: { readonly nodes: readonly string[] },
  role: NodeRole,
): readonly string[] => nodesOf(input, role).filter((name) => nodes.includes(name))

export const fresh = oncePer(({ statements }: ReviewInput): readonly Placed[] =>
  statements.filter(({ isNew }) => isNew),
)

/** Is `one` done on the node before `statement` reaches the primary? One statement runs on its nodes in the order in which it names them. */
export function isDoneBefore(input: ReviewInput, one: Placed, node: string, statement: Placed): boolean {
  if (!one.nodes.includes(node)) return false
  if (one.n !== statement.n) return one.n < statement.n
  return one.nodes.indexOf(node) < one.nodes.indexOf(primaryOf(input))
}
