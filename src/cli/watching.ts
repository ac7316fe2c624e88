import type { ClusterConfig, Configuration } from '../core/configuration.ts'
import { noIncidents, restore } from '../incidents/decide.ts'
import { stillOpen } from '../incidents/still-open.ts'
import { findingKey } from '../findings/settle.ts'
import type { Store } from '../store/store.ts'
import { readAccepted } from '../shapes/accepted.ts'
import { Watch, type WatchDeps } from '../watch/watch.ts'
import { catalogue } from './program.ts'

/** How far back the log is read for what goes on: incidents older than this are over, or a person's matter. */
const lookBackEvents = 20_000

/** A watch that goes on where the last one on this store ended: the same incidents, the same last known good state. */
export async function openWatch(
  cluster: ClusterConfig,
  { thresholds, mutes }: Pick<Configuration, 'thresholds' | 'mutes'>,
  store: Pick<Store, 'events' | 'lastGood' | 'saveLastGood'>,
  deps: Pick<WatchDeps, 'signal' | 'append' | 'onEvent' | 'compareAll' | 'sampling'>,
): Promise<Watch> {
  const events = (await store.events({ cluster: cluster.name })).slice(-lookBackEvents)
  return Watch.open(cluster, {
    ...deps,
    catalogue: catalogue(thresholds, { invariants: cluster.invariants, mutes }),
    clock: Date.now,
    resumed: {
      incidents: events.length === 0 ? noIncidents : restore(events),
      open: new Map(stillOpen(events).map((finding) => [findingKey(finding), finding])),
      changes: events.flatMap((event) => (event.type === 'change.seen' ? [event.change] : [])),
    },
    accepted: async () => readAccepted((await store.lastGood(cluster.name))?.fingerprint),
    onLastGood: async (good) => store.saveLastGood(cluster.name, { atMs: good.fact.atMs, fingerprint: good }),
  })
}
