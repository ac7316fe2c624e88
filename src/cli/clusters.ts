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
