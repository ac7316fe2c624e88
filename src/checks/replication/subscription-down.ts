import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** A disabled subscription, or one whose worker comes and goes: the subscriber falls behind from that moment. */
export default defineCheck({
  id: 'replication/subscription-down',
  on: ['postgres'],
  severity: 'error',
  needs: ['subscriptionStates'],
  wants: ['replicationSlots'],
  wantsCluster: ['logs'],
  limits: {
    overMs: {
      default: 10_000,
      unit: 'ms',
      why: 'a restart of the publisher or a switchover takes two to five seconds; in an apply crash loop a sample may look well',
    },
    sustainMs: {
      default: 5_000,
      unit: 'ms',
      why: 'the launcher restarts a worker after wal_retrieve_retry_interval, 5 s by default',
    },
  },
  sustainMs: 'sustainMs',
  question: 'Is every subscription enabled, and does its apply worker run?',
  seeds: [0, 1],
  *run({ nodes, wanted, limits, atMs }) {
    for (const node of nodes)
      for (const subscription of node.subscriptionStates) {
        const missing = (states: typeof node.subscriptionStates): boolean =>
          states.some(({ name, enabled, workerPid }) => name === subscription.name && enabled && workerPid === null)
        // Two thirds of the samples decide, and never a single one.
        const recent = [
          ...node.earlier.filter((past) => atMs - past.atMs < limits.overMs).map((past) => past.subscriptionStates),
          node.subscriptionStates,
        ]
        const down = recent.filter(missing).length
        if (subscription.enabled && (recent.length < 2 || down * 3 < recent.length * 2)) continue
        const publisher = nodes.find(({ name }) => name === node.upstream)
        const slot = publisher?.wanted.replicationSlots?.find(({ name }) => name === subscription.slot)
        const log = wanted.logs?.entries.findLast(
          ({ node: of, severity, context, message }) =>
            of === node.name && severity !== 'LOG' && about.test(`${message} ${context ?? ''}`),
        )
        yield {
          subject: subject.subscription(node.name, subscription.name),
          node: node.name,
          message: subscription.enabled
            ? `subscription ${subscription.name} on ${node.name} is enabled and has no apply worker`
            : `subscription ${subscription.name} on ${node.name} is disabled`,
          evidence: {
            subenabled: subscription.enabled,
            pid: subscription.workerPid,
            received_lsn: subscription.receivedLsn,
            slot: subscription.slot,
            slot_wal_status: slot?.walStatus ?? null,
            log: log?.message ?? null,
          },
          remedy: subscription.enabled
            ? `Read the log of ${node.name} for the worker's last error, mend that, and watch pg_stat_subscription.`
            : `Find out who disabled it and why, then on ${node.name}: alter subscription ${subscription.name} enable;`,
        }
      }
  },
})

/** What an apply worker says when it fails. */
const about = /logical replication|replication origin|publisher|subscription|publication|remote data/i
