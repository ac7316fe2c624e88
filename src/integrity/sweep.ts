import type { ClusterConfig } from '../core/configuration.ts'
import type { Unchecked } from '../core/finding.ts'
import type { NodeView } from '../core/snapshot.ts'
import { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import { comparingLinks } from '../rows/links.ts'
import type { Looks, NodeLook, PeerLook } from './looks.ts'
import { readMapped } from './mapped.ts'
import { lookAtNode, type Sweep } from './node.ts'
import { compareTables, stillThere } from './peers.ts'
import { compareSequences } from './sequences.ts'

export interface SweepOptions {
  readonly cluster: ClusterConfig
  /** As they were seen a moment ago: which is the primary, who follows it. */
  readonly nodes: readonly NodeView[]
  /** Share of the time in which a statement of ours may run on a node, above 0 to 1. */
  readonly load: number
  readonly wants: Sweep['wants']
  readonly progress: Sweep['progress']
  readonly signal: AbortSignal
}

/** Looks at every node by itself, and at every table of the primary beside that of its physical copies. Reads only. */
export async function sweep({ cluster, nodes: views, load, wants, progress, signal }: SweepOptions): Promise<Looks> {
  const links = comparingLinks(cluster, signal)
  const blind: Unchecked[] = []
  const nodes: NodeLook[] = []
  const readers = new Map<string, PacedNode>()
  const primary = views.find(({ role }) => role === 'primary')?.name ?? null
  const standbys = views.filter(({ role, upstream }) => role === 'standby' && upstream !== null).map(({ name }) => name)
  try {
    const how: Sweep = { signal, progress, wants }
    const seen = await Promise.all(
      views.map(async ({ name, role }) => {
        const reader = new PacedNode(await links.reader(name), load)
        readers.set(name, reader)
        return { name, look: await lookAtNode(reader, role !== 'standby', how) }
      }),
    )
    for (const { name, look } of seen)
      if ('seen' in look) blind.push({ check: 'integrity/amcheck', node: name, ...look })
      else {
        nodes.push(look)
        blind.push(...look.blind)
      }
    const peers: PeerLook[] = []
    const source = primary === null ? undefined : readers.get(primary)
    const tables = nodes.find(({ node }) => node === primary)?.tables ?? []
    for (const standby of standbys) {
      const target = readers.get(standby)
      if (!source || !target) continue
      for (const { schema, table } of tables) {
        progress(`${schema}.${table} on ${source.name} and ${standby}`)
        const compared = await compareTables(
          source,
          target,
          { schema, table },
          { passiveFence: cluster.fence === 'passive', signal },
        )
        if (compared.look) peers.push(compared.look)
        if (compared.blind) blind.push(compared.blind)
      }
    }
    const passive = cluster.fence === 'passive'
    const copies = standbys.flatMap((name) => readers.get(name) ?? [])
    return {
      primary,
      standbys,
      nodes,
      peers,
      stillThere: await stillThere(nodes, readers, how),
      mapped: source ? await readMapped(source, copies, tables, { passive, signal }) : [],
      sequences: source ? await compareSequences(source, copies, { passive, wants, signal, blind }) : [],
      blind,
    }
  } finally {
    await links.close()
  }
}
