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
        message: path.reached
          ? `${path.node} lives and refuses ${path.from}: ${path.detail ?? 'no reason given'}`
          : `${path.node} does not answer ${path.from}: ${path.detail ?? 'no reason given'}`,
        evidence: {
          ms: Math.round(path.ms),
          reached: path.reached,
          detail: path.detail,
          other_paths_that_work: cluster.paths.filter(({ node, ok }) => ok && node === path.node).length,
        },
        remedy: path.reached
          ? `Nothing is wrong with the path. Do as its words say: for a refused login, correct the reading role or its line in pg_hba.conf of ${path.node}; while it starts up, read its log; where a pooler answers, give the url of the server itself; a server that is too old is not read before it is upgraded.`
          : `On the host of ${path.node}: pgrep -a -f 'postgres.* -D'; ss -ltn; then the last lines of its log. Promote nothing before you have seen there that it is stopped.`,
      }
    }
  },
})
