import { carriedOf, type Carried } from '../core/carried.ts'
import type { CanaryFact } from '../core/facts/cluster.ts'
import type { PostgresFacts } from '../core/facts/postgres/index.ts'
import type { NodeView } from '../core/snapshot.ts'
import type { Comparison } from './touched-tables.ts'

interface TableName {
  readonly schema: string
  readonly table: string
}

type Known = Pick<PostgresFacts, 'publications' | 'subscriptions' | 'tables'>

const whole: Carried = { columns: null, rowFilter: null }

const keyOf = (node: string, { schema, table }: TableName): string => JSON.stringify([node, schema, table])

/**
 * What of its touched tables each subscriber was sent before they were touched: a filter that was there before is meant, one that
 * came with the change is what is to be noticed. Forgotten with the table: then the change has become the good state.
 */
export class CarriedBefore {
  /** By subscriber, as last seen. */
  readonly #last = new Map<string, Known>()
  readonly #before = new Map<string, Carried | null>()

  /** Each round, before comparisons are asked for: `touched` are all tables that are under comparison now. */
  learn(touched: readonly TableName[], nodes: readonly NodeView[]): void {
    const subscribers = nodes.filter(({ role }) => role === 'subscriber')
    const keys = new Set(subscribers.flatMap(({ name }) => touched.map((table) => keyOf(name, table))))
    for (const key of this.#before.keys()) if (!keys.has(key)) this.#before.delete(key)
    for (const node of subscribers) {
      const last = this.#last.get(node.name)
      for (const table of last ? touched : []) {
        const key = keyOf(node.name, table)
        if (last && !this.#before.has(key)) this.#before.set(key, carriedNow(last, table))
      }
      const now = knownOf(node, nodes)
      if (now) this.#last.set(node.name, now)
    }
  }

  /** What is to be the same on both sides. */
  of(comparison: Comparison, nodes: readonly NodeView[], canaries: readonly CanaryFact[]): Carried {
    const node = nodes.find(({ name }) => name === comparison.node)
    if (node?.role !== 'subscriber' || contradicts(comparison, canaries)) return whole
    const now = knownOf(node, nodes) ?? this.#last.get(node.name)
    const known = this.#before.get(keyOf(node.name, comparison)) ?? (now ? carriedNow(now, comparison) : null)
    return known ?? whole
  }
}

function carriedNow({ publications, subscriptions, tables }: Known, { schema, table }: TableName): Carried | null {
  const columns = tables.find((each) => each.schema === schema && each.name === table)?.columns
  return carriedOf(publications, subscriptions, { schema, name: table, ...(columns && { columns }) })
}

function knownOf(node: NodeView, nodes: readonly NodeView[]): Known | null {
  const source = nodes.find(({ name }) => name === node.upstream)?.facts
  const { subscriptions } = node.facts
  return source?.publications.seen && source.tables.seen && subscriptions.seen
    ? { publications: source.publications.value, tables: source.tables.value, subscriptions: subscriptions.value }
    : null
}

/** A declared canary reads the table and is answered otherwise there: then a filter on it is not what is wanted. */
const contradicts = ({ schema, table, source, node }: Comparison, canaries: readonly CanaryFact[]): boolean =>
  canaries.some(({ tables, answers }) => {
    const here = answers.find((answer) => answer.node === node)
    const there = answers.find((answer) => answer.node === source)
    const isAbout = tables.includes(table) || tables.includes(`${schema}.${table}`)
    return isAbout && here?.fence === 'reached' && there !== undefined && here.digest !== there.digest
  })
