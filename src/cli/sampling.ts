import type { ClusterConfig } from '../core/configuration.ts'
import type { SampledTable } from '../core/rolling.ts'
import { duration } from '../report/duration.ts'
import { readSampled } from '../shapes/rolling.ts'
import type { Store, VerifiedTable } from '../store/store.ts'
import type { Coverage } from '../verify/rolling/schedule.ts'
import type { Sampling } from '../watch/sampling.ts'

interface Deps {
  readonly store: Pick<Store, 'saveVerified' | 'verifiedOf' | 'forgetVerified'>
  readonly signal: AbortSignal
  /** All tables were gone through once more. */
  readonly onTrip: (coverage: Coverage) => void
}

/** Beside the progress of the command `verify`, which is forgotten when it comes to its end. */
const prefix = 'rolling '

/** Of a cluster, as it was kept. */
export const readKept = async (store: Pick<Store, 'verifiedOf'>, cluster: string): Promise<readonly SampledTable[]> =>
  (await store.verifiedOf(cluster)).flatMap(({ relation, body }) =>
    relation.startsWith(prefix) ? (readSampled(body) ?? []) : [],
  )

/** What compares all tables while a cluster is watched; null where its configuration does not ask for it. */
export async function openSampling(cluster: ClusterConfig, deps: Deps): Promise<Sampling | null> {
  const { verify, name } = cluster
  if (!verify) return null
  const { RollingSample } = await import('../verify/rolling/sample.ts')
  const placeOf = ({ left, right, name: table }: SampledTable): VerifiedTable => ({
    cluster: name,
    source: left,
    target: right,
    relation: `${prefix}${table}`,
  })
  return new RollingSample({
    cluster,
    verify,
    known: await readKept(deps.store, name),
    kept: {
      save: async (table) =>
        deps.store.saveVerified(placeOf(table), { stamp: table.stamp ?? '', atMs: Date.now(), body: table }),
      forget: async (tables) => deps.store.forgetVerified(tables.map(placeOf)),
    },
    clock: Date.now,
    signal: deps.signal,
    onTrip: deps.onTrip,
  })
}

/** Once a round over all tables, for somebody who looks on. */
export const tripText = (cluster: string, { tables, verified, oldestMs }: Coverage, atMs: number): string =>
  `${cluster}: ${verified} of ${tables} tables known to their last row, ` +
  (oldestMs === null ? 'none looked at to its end' : `the oldest look ${duration(atMs - oldestMs)} ago`)
