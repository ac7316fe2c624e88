import { hostname } from 'node:os'
import { randomBytes } from 'node:crypto'
import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { ContractFact } from '../../core/facts/cluster.ts'
import { unseen } from '../../core/observation.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { ReplicationResult } from '../../contracts/examine/replication.ts'
import { testReplication } from '../../contracts/examine/test-replication.ts'
import { readSettingsText } from '../../contracts/settings-files.ts'
import { connectAll, testContract, type ContractTest } from '../../contracts/test-contract.ts'
import { readConflicts, type ConflictCounts } from '../../engines/postgres/conflict-counts.ts'
import { ReadFailed } from '../../engines/postgres/rows/node-reader.ts'
import { openFleet } from '../../fleet/fleet.ts'
import { Links } from '../../rows/links.ts'

/** Production at one moment. */
export interface Production {
  readonly snapshot: Snapshot
  /** Every connection of every contract, made anew. */
  readonly contracts: readonly ContractFact[]
  /** Every login of replication, tried anew as far as a role of ours may read its connection string. */
  readonly replication: readonly ReplicationResult[]
  /** By node. */
  readonly conflicts: Readonly<Record<string, readonly ConflictCounts[]>>
}

const limits = {
  roundMs: { default: 20_000, unit: 'ms', why: 'the catalog of ten thousand tables takes seconds' },
} as const

/** Every node with all that it says, by the reading role; a node that cannot be seen ends it: what it would say is not known. */
export async function lookAtCluster(cluster: ClusterConfig, signal: AbortSignal): Promise<Snapshot> {
  const fleet = await openFleet(cluster, {
    clock: Date.now,
    signal,
    applicationName: 'antemortem-gate-look',
    roundMs: limits.roundMs.default,
  })
  try {
    const { nodes, atMs } = await fleet.tick()
    for (const { name, facts } of nodes)
      for (const fact of [facts.server, facts.tables, facts.publications, facts.subscriptions])
        if (!fact.seen)
          throw new AntemortemError('node-unreadable', `${name} cannot be looked at: ${fact.detail}`, fact.remedy)
    const none = unseen('not-configured', 'the gate asks servers and contracts only', 'antemortem watch sees more')
    const facts = {
      contracts: none,
      canaries: none,
      outcomes: none,
      touched: none,
      paths: none,
      logs: none,
      hosts: none,
      files: none,
      lastGood: none,
      invariants: none,
    }
    return { cluster: cluster.name, atMs, nodes, facts }
  } finally {
    await fleet.close()
  }
}

/** With new connections: those of a pool go on under rules that no longer let anybody in. */
export const testContracts = async (cluster: ClusterConfig, signal: AbortSignal): Promise<readonly ContractFact[]> =>
  factsOf(cluster, signal, testContract)

/** Whether they are let in and answered, and no more: asked before each step. */
export const connectContracts = async (cluster: ClusterConfig, signal: AbortSignal): Promise<readonly ContractFact[]> =>
  factsOf(cluster, signal, connectAll)

async function factsOf(
  cluster: ClusterConfig,
  signal: AbortSignal,
  test: (one: ContractTest, readText: typeof readSettingsText) => Promise<readonly { readonly fact: ContractFact }[]>,
): Promise<readonly ContractFact[]> {
  const key = randomBytes(32)
  const facts: ContractFact[] = []
  for (const contract of cluster.contracts) {
    const results = await test({ cluster, contract, key, from: hostname(), signal }, readSettingsText)
    facts.push(...results.map(({ fact }) => fact))
  }
  return facts
}

export async function lookAtProduction(cluster: ClusterConfig, signal: AbortSignal): Promise<Production> {
  const snapshot = await lookAtCluster(cluster, signal)
  return {
    snapshot,
    contracts: await testContracts(cluster, signal),
    replication: await testReplication(cluster, signal),
    conflicts: await conflictsIn(cluster, snapshot, signal),
  }
}

/** Of every subscriber; one that cannot tell has counted none. */
async function conflictsIn(
  cluster: ClusterConfig,
  { nodes }: Snapshot,
  signal: AbortSignal,
): Promise<Production['conflicts']> {
  const links = new Links(cluster, signal, 'antemortem-gate-look')
  try {
    const found: Record<string, readonly ConflictCounts[]> = {}
    for (const { name, role } of nodes)
      if (role === 'subscriber')
        found[name] = await readConflicts(await links.reader(name), signal).catch((error: unknown) => {
          if (error instanceof ReadFailed) return []
          throw error
        })
    return found
  } finally {
    await links.close()
  }
}

/** How the acting role reaches a node. */
export function actingUrl(cluster: ClusterConfig, node: string): string {
  const act = cluster.nodes.find(({ name }) => name === node)?.act ?? null
  if (act !== null) return act
  throw new AntemortemError(
    'act-missing',
    `node ${node} has no acting role`,
    `Give nodes.${node} an act: URL of a role that owns what the change alters.`,
    { exit: 2 },
  )
}

/** The node that others follow. */
export function primaryIn({ cluster, nodes }: Snapshot): string {
  const primaries = nodes.filter(({ role }) => role === 'primary').map(({ name }) => name)
  const followed = primaries.filter((name) => nodes.some(({ upstream }) => upstream === name))
  const [only, ...more] = followed.length > 0 ? followed : primaries
  if (only !== undefined && more.length === 0) return only
  const words = only === undefined ? 'no primary' : `several primaries: ${[only, ...more].join(', ')}`
  throw new AntemortemError('cluster-shape', `cluster ${cluster} has ${words}`, 'Name one primary and what follows it.')
}
