import { nearest } from '../config/nearest.ts'
import type { ClusterConfig, Configuration } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'

/** The clusters that a command is about: all, or the one that `--cluster` or an argument names. */
export function chosenClusters({ clusters }: Configuration, name: string | null): readonly ClusterConfig[] {
  if (name === null) return clusters
  const chosen = clusters.filter((cluster) => cluster.name === name)
  if (chosen.length > 0) return chosen
  const names = clusters.map((cluster) => cluster.name)
  const near = nearest(name, names)
  const instead = near === null ? `there are: ${names.join(', ')}` : `did you mean '${near}'?`
  throw new AntemortemError(
    'usage',
    `no cluster '${name.slice(0, 80)}'; ${instead}`,
    'Clusters are named in the configuration.',
    { exit: 2 },
  )
}

/** The only cluster, or the named one, for a command that is about one. Throws (exit 2) where there are several. */
export function oneCluster(
  configuration: Configuration,
  name: string | null,
  hint = 'Name one with --cluster.',
): ClusterConfig {
  const [cluster, ...others] = chosenClusters(configuration, name)
  if (cluster && others.length === 0) return cluster
  throw new AntemortemError('usage', 'the configuration has several clusters', hint, { exit: 2 })
}

/** Nodes that serve reads of a contract. */
export const servingNodes = ({ contracts }: ClusterConfig): ReadonlySet<string> =>
  new Set(contracts.flatMap(({ reads }) => reads.map(({ node }) => node)))
