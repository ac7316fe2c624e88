import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { NodeView } from '../../core/snapshot.ts'
import type { Ddl } from '../../engines/postgres/ddl/extract.ts'
import { extractDdl } from '../../engines/postgres/ddl/extract.ts'
import type { FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import { readFillable } from '../../engines/postgres/ddl/fillable.ts'
import { openNode, readAddress, resolveUrl } from '../../engines/postgres/index.ts'
import { openFleet } from '../../fleet/fleet.ts'
import { readReplicationLogins, type SenderLogin } from '../../engines/postgres/logins/replication-logins.ts'
import { senderOf } from '../../contracts/examine/replication.ts'
import type { ListeningAt } from '../rehearsal.ts'
import { defaultsIn, type SubscriptionLogins } from '../run/uncopied.ts'

/** Everything of the real cluster that its copy is made from. Read by the reading role, from the catalog alone. */
export interface RealCluster {
  readonly name: string
  readonly nodes: readonly NodeView[]
  readonly primary: string
  /** Where each node of the configuration listens, as the reading role reaches it. */
  readonly listening: readonly ListeningAt[]
  /** Of the primary and of each subscriber. */
  readonly ddl: ReadonlyMap<string, Ddl>
  readonly subscriptions: SubscriptionLogins
  /** Of the primary. */
  readonly fillable: readonly FillableTable[]
}

const limits = {
  connectMs: { default: 3000, unit: 'ms', why: 'a node that needs longer is not one to copy' },
  statementMs: { default: 20_000, unit: 'ms', why: 'the catalog of ten thousand tables takes seconds' },
} as const

export async function readCluster(cluster: ClusterConfig, signal: AbortSignal): Promise<RealCluster> {
  const nodes = await lookAtNodes(cluster, signal)
  const primary = primaryOf(cluster.name, nodes)
  const described = nodes.filter(
    ({ role, name, upstream }) => name === primary || (role === 'subscriber' && upstream === primary),
  )
  const read = await Promise.all(described.map(async ({ name }) => readNode(cluster, name, name === primary, signal)))
  const ddl = new Map(read.map((each) => [each.name, each.ddl]))
  return {
    name: cluster.name,
    nodes,
    primary,
    listening: listeningOf(cluster),
    ddl,
    subscriptions: {
      roles: rolesOf(
        [...ddl.values()],
        read.flatMap(({ senders }) => senders),
      ),
      defaults: defaultsIn(ddl.get(primary)?.statements ?? []),
    },
    fillable: read.find(({ name }) => name === primary)?.fillable ?? [],
  }
}

/** Of the subscriptions that are connected now. */
const rolesOf = (all: readonly Ddl[], senders: readonly SenderLogin[]): ReadonlyMap<string, string> =>
  new Map(
    all.flatMap(({ subscriptions }) =>
      subscriptions.flatMap(({ name, slot }) => {
        const sender = senderOf(senders, slot, name)
        return sender ? [[name, sender.user] as const] : []
      }),
    ),
  )

/** As the reading role reaches each node of the configuration. */
export const listeningOf = ({ nodes }: Pick<ClusterConfig, 'nodes'>): readonly ListeningAt[] =>
  nodes.map(({ name, url }) => {
    const { host, port } = readAddress(resolveUrl(url, name))
    return { name, host, port }
  })

async function lookAtNodes(cluster: ClusterConfig, signal: AbortSignal): Promise<readonly NodeView[]> {
  const fleet = await openFleet(cluster, { clock: Date.now, signal, roundMs: limits.statementMs.default })
  try {
    const { nodes } = await fleet.tick()
    for (const { name, facts } of nodes)
      for (const fact of [facts.server, facts.tables, facts.publications, facts.subscriptions])
        if (!fact.seen)
          throw new AntemortemError('node-unreadable', `${name} cannot be copied: ${fact.detail}`, fact.remedy)
    return nodes
  } finally {
    await fleet.close()
  }
}

/** The one that others follow; among several that nobody follows there is nothing to choose by. */
function primaryOf(cluster: string, nodes: readonly NodeView[]): string {
  const primaries = nodes.filter(({ role }) => role === 'primary').map(({ name }) => name)
  const followed = primaries.filter((name) => nodes.some(({ upstream }) => upstream === name))
  const [only, ...more] = followed.length > 0 ? followed : primaries
  if (only !== undefined && more.length === 0) return only
  const words = only === undefined ? 'no primary' : `several primaries: ${[only, ...more].join(', ')}`
  throw new AntemortemError('cluster-shape', `cluster ${cluster} has ${words}`, 'Name one primary and what follows it.')
}

interface ReadNode {
  readonly name: string
  readonly ddl: Ddl
  readonly fillable: readonly FillableTable[]
  readonly senders: readonly SenderLogin[]
}

async function readNode(
  cluster: ClusterConfig,
  name: string,
  withTables: boolean,
  signal: AbortSignal,
): Promise<ReadNode> {
  const url = cluster.nodes.find((node) => node.name === name)?.url ?? ''
  const deadline = { signal, deadlineMs: limits.connectMs.default }
  const link = await openNode({ name, url, ...deadline, statementTimeoutMs: limits.statementMs.default })
  try {
    const reached = await link.reach(signal)
    if (!reached.ok)
      throw new AntemortemError(
        'node-unreadable',
        `${name} cannot be copied: ${reached.failure.message}`,
        reached.failure.remedy,
      )
    const asked = { signal, deadlineMs: limits.statementMs.default + limits.connectMs.default }
    const ddl = await extractDdl(reached.reader, asked)
    if (!withTables) return { name, ddl, fillable: [], senders: [] }
    const logins = await readReplicationLogins(reached.reader, asked)
    return { name, ddl, fillable: await readFillable(reached.reader, asked), senders: logins?.senders ?? [] }
  } finally {
    await link.close()
  }
}
