import type { Case } from '../core/diagnosis.ts'
import type { Unchecked } from '../core/finding.ts'
import { pathsOf } from './look.ts'

/**
 * Nodes that answer and cannot be read: a pooler in their place, a version that is too old, a login that is refused. Nothing that
 * is said speaks of them, so that this is said first, once a node, with what to do.
 */
const unreadNodes = (c: Case): readonly Unchecked[] =>
  c.snapshot.nodes.flatMap(({ name, facts: { server } }) => {
    if (server.seen || !pathsOf(c).some((path) => path.node === name && path.reached && !path.ok)) return []
    const { why, detail, remedy } = server
    return [{ check: 'connections/reachable', node: name, why, detail, remedy }]
  })

/** And what else was not seen: not the same once more for each check. */
export function notSeen(c: Case): readonly Unchecked[] {
  const unread = unreadNodes(c)
  return [
    ...unread,
    ...(c.unchecked ?? []).filter(
      (each) => !unread.some(({ node, detail }) => node === each.node && detail === each.detail),
    ),
  ]
}
