import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** A disabled subscription, or one whose worker comes and goes: the subscriber falls behind from that moment. */
export default defineCheck({
  id: 'replication/subscription-down',
  on: ['postgres'],
  severity: 'error',
  needs: ['subscriptionStates'],
  limits: {
    sustainMs: {
      default: 5_000,
      unit: 'ms',
      why: 'the launcher restarts a worker after wal_retrieve_retry_interval, 5 s by default',
    },
  },
  sustainMs: 'sustainMs',
  question: 'Is every subscription enabled, and does its apply worker run?',
  seeds: [0, 1],
  *run({ nodes }) {
    for (const node of nodes)
      for (const subscription of node.subscriptionStates) {
        const missing = (states: typeof node.subscriptionStates): boolean =>
          states.some(({ name, enabled, workerPid }) => name === subscription.name && enabled && workerPid === null)
        // In an apply crash loop one sample may look well: two of the last three decide.
        const recent = [...node.earlier.slice(-2).map((past) => past.subscriptionStates), node.subscriptionStates]
        const down = recent.filter(missing).length
        if (subscription.enabled && (down < 2 || recent.length < 2)) continue
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
          },
          remedy: subscription.enabled
            ? `Read the log of ${node.name} for the worker's last error, mend that, and watch pg_stat_subscription.`
            : `Find out who disabled it and why, then on ${node.name}: alter subscription ${subscription.name} enable;`,
        }
      }
  },
})
