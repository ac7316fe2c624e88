import { randomBytes } from 'node:crypto'
import type { ClusterConfig } from '../core/configuration.ts'
import type { NodeView } from '../core/snapshot.ts'
import { openNode, type NodeLink } from '../engines/postgres/index.ts'
import { nodeReader, type NodeReader } from '../engines/postgres/rows/node-reader.ts'
import { comparingName } from '../engines/postgres/rows/touched-statement.ts'

import type { Pair } from './fence.ts'
import { followsOf } from './follows.ts'
import type { Turns } from './turns.ts'

/** Sessions beside those of the samples, opened with their first use: a long statement never holds up a sample. */
export class Links {
  readonly #cluster: ClusterConfig
  readonly #signal: AbortSignal
  readonly #open = new Map<string, Promise<NodeLink>>()

  readonly #applicationName: string
  readonly #turns: Turns | undefined

  /** `turns`: those with whom these sessions share a node. */
  constructor(cluster: ClusterConfig, signal: AbortSignal, applicationName = 'antemortem-rows', turns?: Turns) {
    this.#cluster = cluster
    this.#signal = signal
    this.#applicationName = applicationName
    this.#turns = turns
  }

  async to(name: string): Promise<NodeLink> {
    const known = this.#open.get(name)
    if (known) return known
    const node = this.#cluster.nodes.find((each) => each.name === name)
    if (!node) throw new Error(`no node ${name} in cluster ${this.#cluster.name}`)
    const opening = openNode({
      name,
      url: node.url,
      applicationName: this.#applicationName,
      signal: this.#signal,
      deadlineMs: 2_000,
      statementTimeoutMs: 30_000,
    })
    this.#open.set(name, opening)
    return opening
  }

  /** For comparisons. */
  async reader(name: string): Promise<NodeReader> {
    const reader = nodeReader(await this.to(name))
    return this.#turns?.reader(reader) ?? reader
  }

  /** A node and the one that it follows; null where that was not seen, or its upstream is not ours. */
  async pair(node: string, nodes: readonly NodeView[]): Promise<Pair | null> {
    const upstream = nodes.find(({ name }) => name === node)?.upstream ?? null
    const follows = upstream === null ? null : followsOf(node, upstream, nodes)
    if (upstream === null || follows === null) return null
    const [source, target] = await Promise.all([this.reader(upstream), this.reader(node)])
    return { source, target, follows }
  }

  async close(): Promise<void> {
    const links = await Promise.allSettled(this.#open.values())
    await Promise.all(links.map(async (link) => (link.status === 'fulfilled' ? link.value.close() : undefined)))
  }
}

/** Those that read tables: under a name of their own, by which two watchers at one server do not take each other for clients. */
export const comparingLinks = (cluster: ClusterConfig, signal: AbortSignal, turns?: Turns): Links =>
  new Links(cluster, signal, `${comparingName}${randomBytes(4).toString('hex')}`, turns)
