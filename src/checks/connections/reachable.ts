import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** A node that does not answer is a fact of its own; what it last said is kept and grows stale beside it. */
export default defineCheck({
  id: 'connections/reachable',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  needs: [],
  needsCluster: ['paths'],
  limits: { sustainMs: { default: 30_000, unit: 'ms', why: 'a planned restart is over by then' } },
  sustainMs: 'sustainMs',
  question: 'Does every node answer a connection?',
  seeds: [2, 4],
  *run({ cluster }) {
    for (const path of cluster.paths) {
      if (path.ok) continue
      yield {
        subject: subject.path(path.from, path.node),
        node: path.node,
        message: `${path.node} does not answer ${path.from}: ${path.detail ?? 'no reason given'}`,
        evidence: { ms: Math.round(path.ms), detail: path.detail },
        remedy: `Ask on the host of ${path.node} whether the postmaster runs, and what its log says last.`,
      }
    }
  },
})
