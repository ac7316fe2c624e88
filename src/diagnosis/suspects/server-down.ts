import type { Suspect } from '../../core/diagnosis.ts'
import { seen, unseen } from '../../core/observation.ts'
import { compare } from '../look.ts'

/** Longer than a garbage collection or a checkpoint stall, shorter than any restart. */
const limitS = 3

const suspect: Suspect = {
  id: 'server-down',
  title: 'Server down',
  measure(c) {
    const nodes = Object.entries(c.unansweredMs).sort(([a], [b]) => compare(a, b))
    if (nodes.length === 0)
      return unseen('no-history', 'no node was asked in this window', 'keep antemortem watch running')
    const [node, ms] = nodes.reduce((a, b) => (b[1] > a[1] ? b : a))
    const seconds = Math.round(ms / 100) / 10
    return seen(c.atMs, {
      measured: seconds,
      limit: limitS,
      unit: 's unanswered',
      implicated: seconds > limitS,
      why:
        seconds > limitS
          ? `${node} has not answered for ${seconds} s`
          : `all ${nodes.length} nodes answer; longest silence ${seconds} s (${node})`,
    })
  },
}
export default suspect
