import { doersOf } from '../../repair/doers.ts'
import { planRemedy } from '../../repair/plan.ts'
import { reachOf } from '../../repair/reach.ts'
import type { Way, WayDeps } from './way.ts'

/** Outage 0: the table is published and copied. */
export async function publishTable({ cause, judged, cluster, clock, digest }: WayDeps): Promise<Way | null> {
  const plan = planRemedy(cause, judged.case, { id: `plan-${clock()}`, digest })
  const node = plan?.steps.at(-1)?.node
  return plan && node != null ? { plan, doers: doersOf(reachOf(cluster)), node } : null
}
