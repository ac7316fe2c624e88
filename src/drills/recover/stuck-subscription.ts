import { rowDoersOf } from '../../repair/rows/doers.ts'
import { gatherStuck } from '../../repair/rows/gather-stuck.ts'
import { keptIn, rowsReachOf } from '../../repair/rows/reach.ts'
import { planToMend } from '../../repair/rows/stuck-plan.ts'
import { applyFailures } from '../../repair/rows/stuck.ts'
import type { Way, WayDeps } from './way.ts'

/** Outage 1: the row that stands in the way of the apply worker is kept, and taken away. */
export async function stuckSubscription({
  judged,
  cluster,
  store,
  clock,
  signal,
  digest,
}: WayDeps): Promise<Way | null> {
  const { logs } = judged.case.snapshot.facts
  const reach = rowsReachOf(
    cluster,
    keptIn(store, () => undefined),
  )
  for (const { name: node, upstream } of judged.case.snapshot.nodes) {
    const [failure] = logs.seen && upstream !== null ? applyFailures(logs.value.entries, node) : []
    const stuck = failure && upstream !== null ? await gatherStuck(reach, failure, upstream, signal) : null
    if (!stuck) continue
    const plan = planToMend({ id: `plan-${clock()}`, cluster: cluster.name, atMs: clock(), digest, stuck })
    return { plan, doers: rowDoersOf(reach), node }
  }
  return null
}
