import type { ClusterConfig } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'
import { openNode, type NodeLink } from '../engines/postgres/index.ts'
import { nodeReader, type NodeReader } from '../engines/postgres/rows/node-reader.ts'
import { compareTable, type ChunkVerdict } from '../rows/compare-table.ts'
import type { PublishTable } from './plan.ts'

/** How a node is reached: by its acting role for what acts, by its reading role for what only reads. */
export interface Reach {
  readonly act: (node: string) => string
  /** Compares one table of both ends, all of its rows, behind a fence. */
  readonly compare: (what: PublishTable, signal: AbortSignal) => Promise<Compared>
}

/** Of a comparison of rows, what a plan goes by. */
export interface Compared {
  readonly verdict: string
  readonly sourceRows: number | null
  readonly nodeRows: number | null
  readonly detail: string | null
}

const limits = {
  fenceMs: { default: 60_000, unit: 'ms', why: 'a subscriber that has just copied a table has to catch up' },
  statementMs: { default: 30_000, unit: 'ms', why: 'a chunk takes a third of a second; a busy server needs more' },
} as const

/** How the nodes of a cluster are reached for a plan: acting with `act`, reading with `url`. */
export function reachOf(cluster: ClusterConfig): Reach {
  const node = (name: string): ClusterConfig['nodes'][number] => {
    const found = cluster.nodes.find((each) => each.name === name)
    if (!found)
      throw new AntemortemError(
        'node-unknown',
        `cluster ${cluster.name} has no node ${name}`,
        'The configuration changed since the plan was made: make it again.',
        { exit: 2 },
      )
    return found
  }
  return {
    act: (name) => {
      const { act } = node(name)
      if (act === null)
        throw new AntemortemError(
          'act-missing',
          `node ${name} has no acting role`,
          `Give nodes.${name} an act: URL of a role that may alter publications and subscriptions.`,
          { exit: 2 },
        )
      return act
    },
    async compare({ schema, table, publisher, subscriber, subscription }, signal) {
      const links: NodeLink[] = []
      const open = async (name: string): Promise<NodeReader> => {
        const link = await openNode({
          name,
          url: node(name).url,
          applicationName: 'antemortem-rows',
          signal,
          deadlineMs: 5_000,
          statementTimeoutMs: limits.statementMs.default,
        })
        links.push(link)
        return nodeReader(link)
      }
      try {
        const follows = { kind: 'logical', subscription } as const
        const pair = { source: await open(publisher), target: await open(subscriber), follows }
        const scope = { schema, table, columns: null, rowFilter: null }
        const budget = { fenceMs: limits.fenceMs.default, passiveFence: cluster.fence === 'passive' }
        return await wholeOf(compareTable(pair, scope, budget, signal))
      } finally {
        await Promise.all(links.map(async (link) => link.close()))
      }
    },
  }
}

/** A table is equal when each of its chunks is: the first that is not says why. */
export async function wholeOf(chunks: AsyncIterable<ChunkVerdict>): Promise<Compared> {
  let sourceRows = 0
  let nodeRows = 0
  for await (const chunk of chunks) {
    if (chunk.verdict !== 'consistent') {
      const rows = chunk.differing.length
      const detail =
        chunk.detail ??
        (rows > 0 ? `${rows} rows differ, the first with key ${JSON.stringify(chunk.differing[0]?.key)}` : null)
      return {
        verdict: chunk.verdict === 'divergent' ? 'different' : chunk.verdict,
        sourceRows: null,
        nodeRows: null,
        detail,
      }
    }
    sourceRows += chunk.rows
    nodeRows += chunk.rows
  }
  return { verdict: 'equal', sourceRows, nodeRows, detail: null }
}
