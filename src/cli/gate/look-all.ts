import { withCustomChecks } from '../../checks/custom.ts'
import { checks } from '../../checks/list.generated.ts'
import type { ClusterConfig, Configuration } from '../../core/configuration.ts'
import { inspect } from '../../findings/inspect.ts'
import { withMutes } from '../../findings/mute.ts'
import type { Look } from '../../gate/wrap/moment.ts'
import { look } from '../look.ts'

/** Every node and every table: the contracts are tested by themselves, with connections of their own. */
export async function lookAll(
  cluster: ClusterConfig,
  { thresholds, mutes }: Pick<Configuration, 'thresholds' | 'mutes'>,
  signal: AbortSignal,
): Promise<Look | null> {
  const all = withCustomChecks(checks, cluster.invariants)
  const seen = await look({ ...cluster, contracts: [] }, { checks: all, causes: [], suspects: [], thresholds }, signal)
  if (!seen) return null
  const { snapshot, earlier } = seen
  return { snapshot, results: withMutes(inspect(all, snapshot, earlier, thresholds), mutes, snapshot.atMs) }
}
