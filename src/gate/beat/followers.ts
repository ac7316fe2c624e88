import type { CanaryTable } from '../../core/configuration.ts'
import type { NodeView, Snapshot } from '../../core/snapshot.ts'
import { describedOf } from '../described.ts'

/**
 * Every node that is to have what is written into a table on this one: its standbys, subscribers whose subscription lists
 * the table, and what follows these. By the cluster as it was before a change: what it takes away is still expected. Pure.
 */
export function followersWith(snapshot: Snapshot, from: string, table: CanaryTable): readonly string[] {
  const reached = new Set([from])
  // What is added on the way is visited as well.
  for (const name of reached)
    for (const node of snapshot.nodes)
      if (node.upstream === name && carries(snapshot, node, table)) reached.add(node.name)
  reached.delete(from)
  return [...reached]
}

function carries(snapshot: Snapshot, { name, role }: NodeView, { schema, table }: CanaryTable): boolean {
  if (role === 'standby') return true
  const subscriptions = describedOf(snapshot, name)?.subscriptions ?? []
  return subscriptions.some(({ tables }) => tables.some((one) => one.schema === schema && one.name === table))
}
