import type { Suspect } from '../../core/diagnosis.ts'
import { seen, unseen } from '../../core/observation.ts'
import { compare } from '../look.ts'

/** Active sessions against the band learned while all was good: twice its upper end, and never fewer than this. */
const least = 8

const suspect: Suspect = {
  id: 'load',
  title: 'Load',
  measure(c) {
    const learned = c.load.nodes
      .flatMap(({ node, active, band }) => (band === null ? [] : [{ node, active, limit: Math.max(least, 2 * band) }]))
      .sort((a, b) => compare(a.node, b.node))
    if (learned.length === 0)
      return unseen('no-history', 'no band of active sessions was learned before this', 'keep antemortem watch running')
    const worst = learned.reduce((a, b) => (b.active / b.limit > a.active / a.limit ? b : a))
    return seen(c.atMs, {
      measured: worst.active,
      limit: worst.limit,
      unit: 'active sessions',
      implicated: worst.active > worst.limit,
      why: `${worst.active} active sessions on ${worst.node}, the busiest node against its own band`,
    })
  },
}
export default suspect
