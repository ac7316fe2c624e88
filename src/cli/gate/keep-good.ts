import type { Accepted } from '../../core/accepted.ts'
import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import { SettingsFiles } from '../../contracts/settings-files.ts'
import { lookAtProduction } from '../../gate/apply/reach.ts'
import type { WrapReport } from '../../gate/wrap/report.ts'
import { readAccepted } from '../../shapes/accepted.ts'
import type { Store } from '../../store/store.ts'
import { goodState, mergeGood } from '../../watch/good-state.ts'

/** What is green now is what everything is compared with from now on. */
export async function keepGood(
  store: Store,
  cluster: ClusterConfig,
  { snapshot, files }: NonNullable<WrapReport['good']>,
): Promise<void> {
  const before = readAccepted((await store.lastGood(cluster.name))?.fingerprint)
  const fact = mergeGood(before?.fact ?? null, goodState(snapshot.nodes, snapshot.atMs, 'gate'))
  const accepted: Accepted = { fact, files: { ...before?.files, ...files } }
  await store.saveLastGood(cluster.name, { atMs: fact.atMs, fingerprint: accepted })
}

/** The same of production as it is at this moment, where every node is seen and every contract answers. */
export async function keepAsItIs(store: Store, cluster: ClusterConfig, signal: AbortSignal): Promise<boolean> {
  try {
    const files = new SettingsFiles(cluster)
    files.poll(Date.now())
    const { snapshot, contracts } = await lookAtProduction(cluster, signal)
    if (!contracts.every(({ ok }) => ok)) return false
    await keepGood(store, cluster, { snapshot, files: files.plain() })
    return true
  } catch (error) {
    signal.throwIfAborted()
    // The change stands and is tested: that nothing could be seen a moment later takes nothing of it.
    if (error instanceof AntemortemError) return false
    throw error
  }
}
