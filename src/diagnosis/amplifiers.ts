import type { Case } from '../core/diagnosis.ts'
import type { ContractFact } from '../core/facts/cluster.ts'
import { contractsOf, factOf, nodeOf } from './look.ts'
import { mayBeOwnSettings } from './settings-keys.ts'
import { silenceOf } from './silence.ts'

/** Why it lasts, not why it began: only what the facts show. */
export function amplifiers(c: Case): readonly string[] {
  // A standby that nobody reaches takes over nothing.
  const standbys = c.snapshot.nodes.filter(({ name, role }) => role === 'standby' && silenceOf(c, name) === null).length
  return [
    ...(contractsOf(c).length === 0 ? ['contract-missing'] : []),
    ...(standbys === 0 ? ['no-failover-target'] : standbys === 1 ? ['single-replica'] : []),
    ...(contractsOf(c).some((result) => isHidden(c, result)) ? ['pool-hides-change'] : []),
  ]
}

/** Layers that are only asked of a new session. */
const ofNewSessions = new Set(['access', 'auth', 'database', 'tls', 'role'])

/** A new login is refused while sessions of the same login go on: the pool shows the change only when it connects again. */
function isHidden(c: Case, result: ContractFact): boolean {
  const { ok, layer, role, node, atMs } = result
  const view = nodeOf(c, node)
  if (ok || layer === null || role === null || !view || !ofNewSessions.has(layer) || mayBeOwnSettings(c, result))
    return false
  const activity = view.facts.activity
  const use = factOf(view, 'activity')?.use ?? []
  return activity.seen && activity.atMs >= atMs - 10_000 && use.some((each) => each.role === role && each.total > 0)
}
