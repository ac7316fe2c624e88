import { carriage } from '../../core/carriage.ts'
import { defineCheck } from '../../core/check.ts'
import type { TouchedFact } from '../../core/facts/cluster.ts'
import type { Blind } from '../../core/finding.ts'
import { subject } from '../../core/subject.ts'

/**
 * Half of the harm that replication does shows nowhere else: no SQLSTATE, no log line, lag 0. Only the rows tell. A difference
 * hurts where clients read the table, and always where the table is carried: there it should be impossible.
 */
export default defineCheck({
  id: 'replication/row-consistency',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  needs: ['publications', 'subscriptions'],
  needsCluster: ['touched'],
  limits: {
    times: {
      default: 2,
      unit: 'count',
      why: 'one comparison may fall into a migration that is still at work; two behind a fence do not',
    },
  },
  question: 'Do the tables that a change touched hold the same rows on every node?',
  seeds: [0, 1],
  *run({ nodes, cluster, limits }) {
    for (const touched of cluster.touched) {
      if (touched.verdict !== 'different' || touched.times < limits.times) continue
      const target = nodes.find(({ name }) => name === touched.node)
      const source = nodes.find(({ name }) => name === touched.source)
      if (!target || !source) continue
      const gap =
        target.role === 'subscriber'
          ? carriage(source.publications, target.subscriptions, touched.schema, touched.table).gap
          : null
      // A first copy that is still running is no difference yet.
      if (gap === 'not-ready') continue
      const isRead = touched.readBy.roles.length > 0 || touched.readBy.scans > 0
      yield {
        subject: subject.table(touched.node, touched.schema, touched.table),
        node: touched.node,
        severity: isRead || gap === null ? 'critical' : 'info',
        message: `${touched.schema}.${touched.table} has ${touched.nodeRows ?? '?'} rows on ${touched.node} and ${touched.sourceRows ?? '?'} on ${touched.source}, compared behind a fence`,
        evidence: {
          source_rows: touched.sourceRows,
          node_rows: touched.nodeRows,
          comparisons: touched.times,
          read_by: touched.readBy.roles.join(', ') || null,
          scans: touched.readBy.scans,
          carried: gap === null,
        },
        remedy:
          gap === null
            ? `The table is carried and differs: keep both sides as they are and find what wrote on ${touched.node}.`
            : `Take reads of this table away from ${touched.node}, or have it carried there.`,
      }
    }
  },
  /** Tables that the role may not read are told in one entry a node: they all have one remedy. */
  *unseen({ cluster }) {
    const unread = cluster.touched.filter(({ verdict }) => verdict === 'unverifiable')
    for (const group of Map.groupBy(unread, groupOf).values()) yield* blindOf(group)
  },
})

const groupOf = ({ node, schema, table, why }: TouchedFact): string =>
  JSON.stringify(why === 'no-privilege' ? [node] : [node, schema, table])

function* blindOf(group: readonly TouchedFact[]): Iterable<Blind> {
  const [first] = group
  if (!first) return
  const names = group.map(({ schema, table }) => `${schema}.${table}`)
  const orders = [...new Set(group.flatMap(({ remedy }) => remedy ?? []))]
  yield {
    node: first.node,
    why: first.why ?? 'not-comparable',
    detail: `the rows of ${names.join(', ')} were not compared with ${first.source}: ${first.detail ?? 'no reason was given'}`,
    remedy: orders.join(' ') || 'Look again in a minute.',
    subjects: group.map(({ schema, table }) => subject.table(first.node, schema, table)),
  }
}
