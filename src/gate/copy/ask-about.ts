import type { ClusterConfig } from '../../core/configuration.ts'
import type { Rehearsal } from '../rehearsal.ts'
import type { ReviewInput } from '../review/input.ts'
import { askProduction } from '../review/read-topology.ts'
import type { Step } from '../run/targets.ts'
import { askBefore } from '../wayback/told/ask.ts'
import type { RealCluster } from './read-cluster.ts'
import { asValidated } from './validated.ts'

/** What only production can say of a change: whether its rows refuse a statement, what its nodes have installed, and what stood there before. */
export async function askAbout(
  cluster: ClusterConfig,
  real: RealCluster,
  { steps, signal }: { readonly steps: readonly Step[]; readonly signal: AbortSignal },
): Promise<Pick<Rehearsal, 'probes' | 'extensions' | 'told'>> {
  const input: ReviewInput = {
    statements: asValidated(steps).map(({ statement, nodes }, n) => ({
      ...statement,
      n,
      nodes,
      isNew: true,
      inBlock: false,
    })),
    settings: [],
    accessFiles: [],
    unreadable: [],
    foreign: [],
    notRead: [],
    topology: {
      cluster: cluster.name,
      primary: real.primary,
      nodes: real.nodes,
      addresses: Object.fromEntries(real.listening.map(({ name, host, port }) => [name, `${host}:${port}`])),
      logins: [],
      extensions: {},
    },
    probes: [],
    today: '',
  }
  const { topology, probes } = await askProduction(input, cluster, signal)
  const extensions = Object.entries(topology?.extensions ?? {}).map(([node, names]) => [node, new Set(names)] as const)
  return { probes, extensions: new Map(extensions), told: await askBefore(cluster, steps, signal) }
}
