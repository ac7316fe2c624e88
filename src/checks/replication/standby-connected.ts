import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** A standby without a receiver serves ever older rows, while the lag that most monitors compute stays 0. */
export default defineCheck({
  id: 'replication/standby-connected',
  on: ['postgres'],
  severity: 'error',
  needs: ['receiver', 'server'],
  limits: {
    sustainMs: {
      default: 5_000,
      unit: 'ms',
      why: 'a receiver that lost its connection tries again within wal_retrieve_retry_interval',
    },
  },
  sustainMs: 'sustainMs',
  question: 'Does every standby stream from its upstream?',
  seeds: [0, 1, 4],
  *run({ nodes }) {
    for (const node of nodes) {
      if (!node.server.inRecovery || node.receiver.some(({ status }) => status === 'streaming')) continue
      yield {
        subject: subject.node(node.name),
        node: node.name,
        message: `standby ${node.name} does not stream from its upstream`,
        evidence: { receiver_status: node.receiver[0]?.status ?? null, upstream: node.upstream },
        remedy: `Compare primary_conninfo on ${node.name}, the access rules of its upstream and the replication login; the log of ${node.name} names the refusal.`,
      }
    }
  },
})
