import { defineCheck } from '../../core/check.ts'
import { failingCodes, failingNodes, outcomeWindowMs } from '../../core/outcomes.ts'
import { isFromStop, isStoppedOnPurpose, plannedStopLimit, stopsOf } from '../../core/planned-stop.ts'
import { subject } from '../../core/subject.ts'

/** The application's own word on how its work went, per node: it is the first to know, and the last to say where. */
export default defineCheck({
  id: 'application/outcomes',
  on: ['postgres'],
  severity: 'critical',
  harm: 'counted',
  needs: [],
  needsCluster: ['outcomes'],
  wantsCluster: ['logs'],
  limits: {
    sustainMs: { default: 3_000, unit: 'ms', why: 'three seconds of failures are no hiccup' },
    plannedStopMs: plannedStopLimit,
  },
  sustainMs: 'sustainMs',
  question: "Does the application's own work fail more often than usual on a node?",
  seeds: [0, 1, 2, 3, 4],
  *run({ nodes, cluster, wanted, limits, atMs }) {
    const codes = failingCodes(cluster.outcomes, atMs - outcomeWindowMs)
    const time = { atMs, withinMs: limits.plannedStopMs }
    for (const group of failingNodes(cluster.outcomes, atMs)) {
      const isPlanned =
        codes.every(({ key }) => isFromStop(key)) && isStoppedOnPurpose(wanted.logs, stopsOf(group.key, nodes), time)
      yield {
        subject: subject.node(group.key),
        node: group.key,
        ...(isPlanned && { severity: 'error' as const }),
        message: `${group.failed} of ${group.total} operations on ${group.key} failed in the last ${outcomeWindowMs / 1000} s`,
        evidence: {
          failed: group.failed,
          total: group.total,
          share: Math.round(group.share * 1000) / 1000,
          baseline: cluster.outcomes.baseline,
          codes: codes.map(({ key, failed }) => `${key} ${failed}`).join(', '),
        },
        remedy: 'Type: antemortem diagnose. It says what is wrong on this node and what is not.',
      }
    }
  },
  *unseen({ cluster }) {
    for (const { contract, why, detail, remedy } of cluster.outcomes.unread ?? [])
      yield { node: `contract ${contract}`, why, detail, remedy, subjects: [`contract ${contract}`] }
  },
})
