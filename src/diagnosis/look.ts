import { carriage } from '../core/carriage.ts'
import type { Case } from '../core/diagnosis.ts'
import type { CanaryFact, ContractFact, PathFact, TouchedFact } from '../core/facts/cluster.ts'
import type { FactKey, PostgresFacts } from '../core/facts/postgres/index.ts'
import { canonicalJson } from '../core/json.ts'
import type { NodeView } from '../core/snapshot.ts'

/** What causes ask of a case, in one place, so that each of them says only what is its own. */

export const factOf = <K extends FactKey>(node: NodeView, key: K): PostgresFacts[K] | null => {
  const fact = node.facts[key]
  return fact.seen ? fact.value : null
}

export const nodeOf = (c: Case, name: string | null): NodeView | null =>
  c.snapshot.nodes.find((node) => node.name === name) ?? null

export interface LogicalPair {
  readonly publisher: NodeView
  readonly subscriber: NodeView
}

export const logicalPairs = (c: Case): readonly LogicalPair[] =>
  c.snapshot.nodes.flatMap((subscriber) => {
    const publisher = subscriber.role === 'subscriber' ? nodeOf(c, subscriber.upstream) : null
    return publisher ? [{ publisher, subscriber }] : []
  })

const clusterFact = <T>(fact: { readonly seen: true; readonly value: T } | { readonly seen: false }, otherwise: T): T =>
  fact.seen ? fact.value : otherwise

/** In one order, whatever the order in which they came: the same case gives the same words. */
const inOrder = <T>(facts: readonly T[], keyOf: (fact: T) => string): readonly T[] =>
  facts.toSorted((a, b) => compare(keyOf(a), keyOf(b)) || compare(canonicalJson(a), canonicalJson(b)))

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const touchedOf = (c: Case): readonly TouchedFact[] =>
  inOrder(clusterFact(c.snapshot.facts.touched, []), ({ schema, table, node }) => `${schema}.${table} ${node}`)
export const canariesOf = (c: Case): readonly CanaryFact[] =>
  inOrder(clusterFact(c.snapshot.facts.canaries, []), ({ contract }) => contract)
export function contractsOf(c: Case): readonly ContractFact[] {
  const facts = clusterFact(c.snapshot.facts.contracts, [])
  const known = orderedContracts.get(facts)
  if (known) return known
  const ordered = inOrder(facts, (fact) => `${fact.contract} ${fact.instance} ${fact.node}`)
  orderedContracts.set(facts, ordered)
  return ordered
}
/** Dozens of causes ask for them, several times each. */
const orderedContracts = new WeakMap<readonly ContractFact[], readonly ContractFact[]>()

export const pathsOf = (c: Case): readonly PathFact[] =>
  inOrder(clusterFact(c.snapshot.facts.paths, []), ({ node, from }) => `${node} ${from}`)

/** Does this subscription bring the table to the subscriber? Where its list was not read, it may. */
export const follows =
  ({ publisher, subscriber }: LogicalPair, subscription: string) =>
  (touched: TouchedFact): boolean => {
    const known = factOf(subscriber, 'subscriptions')?.find(({ name }) => name === subscription)
    return (
      touched.source === publisher.name &&
      (known?.tables.some(({ schema, name }) => schema === touched.schema && name === touched.table) ?? true)
    )
  }

/** Should the table be the same there? Yes where it is carried, or where clients read it; a tool's own history is neither. */
export function isMeant(c: Case, touched: TouchedFact): boolean {
  const target = nodeOf(c, touched.node)
  const source = nodeOf(c, touched.source)
  if (touched.readBy.roles.length > 0 || target?.role !== 'subscriber' || !source) return true
  const publications = factOf(source, 'publications')
  const subscriptions = factOf(target, 'subscriptions')
  return (
    !publications || !subscriptions || carriage(publications, subscriptions, touched.schema, touched.table).gap === null
  )
}
