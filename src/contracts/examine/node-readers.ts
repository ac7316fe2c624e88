import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import { openNode, type NodeLink, type ReaderSession } from '../../engines/postgres/index.ts'
import { placeOf } from '../place-of.ts'

const limits = {
  connectMs: { default: 2_000, unit: 'ms', why: 'a healthy node needs a tenth of it; a login is explained without it' },
} as const

/** The reading role's sessions, one a node, opened when first asked for: what they say explains a login that is refused. */
export class NodeReaders {
  readonly #cluster: Pick<ClusterConfig, 'nodes'>
  readonly #signal: AbortSignal
  readonly #links = new Map<string, Promise<NodeLink | null>>()

  constructor(cluster: Pick<ClusterConfig, 'nodes'>, signal: AbortSignal) {
    this.#cluster = cluster
    this.#signal = signal
  }

  /** Null where it gets no answer, or its address is not to be had. */
  async reach(name: string): Promise<ReaderSession | null> {
    const known = this.#links.get(name) ?? this.#open(name)
    this.#links.set(name, known)
    const reached = await (await known)?.reach(this.#signal)
    return reached?.ok === true ? reached.reader : null
  }

  /** Where the configuration says that the node is. */
  placeOf(name: string): ReturnType<typeof placeOf> {
    return placeOf(this.#cluster, name)
  }

  async #open(name: string): Promise<NodeLink | null> {
    const node = this.#cluster.nodes.find((each) => each.name === name)
    if (!node) return null
    try {
      const deadlineMs = limits.connectMs.default
      const applicationName = 'antemortem-contract'
      return await openNode({ name, url: node.url, applicationName, signal: this.#signal, deadlineMs })
    } catch (error) {
      if (error instanceof AntemortemError) return null
      throw error
    }
  }

  async close(): Promise<void> {
    for (const link of await Promise.all(this.#links.values())) await link?.close()
  }
}
