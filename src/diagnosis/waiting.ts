import type { Case } from '../core/diagnosis.ts'
import type { BlockedFact } from '../core/facts/postgres/sessions.ts'
import { canonicalJson } from '../core/json.ts'
import { compare, factOf, nodeOf } from './look.ts'

/** Who waits for a lock on a node, longest first. */
export const blockedOn = (c: Case, name: string): readonly BlockedFact[] => {
  const node = nodeOf(c, name)
  return ((node && factOf(node, 'blocked')) ?? []).toSorted(
    (a, b) => b.waitMs - a.waitMs || compare(canonicalJson(a), canonicalJson(b)),
  )
}

/** An answer that waits for a lock is late on any path, whatever else has changed. */
export const isBlocked = (c: Case, name: string): boolean =>
  blockedOn(c, name).length > 0 ||
  // A standby waits for the locks of its primary, and cannot say for whom.
  c.snapshot.nodes.some(
    (node) =>
      node.name === name && node.role === 'standby' && node.upstream !== null && blockedOn(c, node.upstream).length > 0,
  )
