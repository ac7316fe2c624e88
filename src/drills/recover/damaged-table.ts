import type { NodeView } from '../../core/snapshot.ts'
import { compareWithStandby } from '../../integrity/peers.ts'
import { shownTable } from '../../repair/names.ts'
import { rebuildDoers } from '../../repair/tables/doers.ts'
import { gatherRebuild } from '../../repair/tables/gather.ts'
import { tableReachOf } from '../../repair/tables/reach.ts'
import { planRebuild } from '../../repair/tables/rebuild.ts'
import { followsOf } from '../../rows/follows.ts'
import type { Way, WayDeps } from './way.ts'

/** Outage 3: the table is made anew from the standby, and takes the damaged one's place. */
export async function damagedTable({ cause, judged, cluster, clock, signal, digest }: WayDeps): Promise<Way | null> {
  const [, primary, schema, table] = /^(.+):([^.:]+)\.([^.:]+)$/.exec(cause.subject) ?? []
  const { nodes } = judged.case.snapshot
  const standbys = nodes.filter(({ role, upstream }) => role === 'standby' && upstream === primary)
  const donor = standbys[0]?.name
  if (primary === undefined || schema === undefined || table === undefined || donor === undefined) return null
  const reach = tableReachOf(cluster)
  const seen = await gatherRebuild(reach, { schema, table, primary, donor }, signal)
  const { look } = await reach.read(primary, signal, async (own) =>
    reach.read(donor, signal, async (other) =>
      compareWithStandby(own, other, { schema, table }, { load: 1, passiveFence: false, signal }),
    ),
  )
  const plan = planRebuild(
    {
      cluster: cluster.name,
      schema,
      table,
      primary,
      donor,
      chosen: false,
      known: look && !look.more ? { onlyHere: look.counts.onlyPrimary, otherwise: look.counts.otherwise } : null,
      ...seen,
      copies: [
        ...standbys.map(({ name }) => ({ node: name, subscription: null })),
        ...nodes.flatMap((node) => subscriberOf(node, primary, nodes)),
      ],
      canAct: true,
      donorProblems: [],
    },
    { id: `plan-${clock()}`, atMs: clock(), digest },
  )
  const kept = plan.steps[0]?.input['kept']
  return {
    plan,
    doers: rebuildDoers(reach),
    node: primary,
    ...(typeof kept === 'string' && { aside: shownTable({ schema, table: kept }) }),
  }
}

/** Those that the primary sends the table to, as its publications stand. */
function subscriberOf(
  { name, role, upstream, facts }: NodeView,
  primary: string,
  nodes: readonly NodeView[],
): readonly { readonly node: string; readonly subscription: string }[] {
  const follows = role === 'subscriber' && upstream === primary ? followsOf(name, primary, nodes) : null
  return follows?.kind === 'logical' && facts.subscriptions.seen
    ? [{ node: name, subscription: follows.subscription }]
    : []
}
