import { defineCheck } from '../../core/check.ts'
import { applyDelayMs, behindMs, seconds } from '../../core/lag.ts'
import { lsnDistance } from '../../core/lsn.ts'
import { subject } from '../../core/subject.ts'
import { hopsOf, senderOf } from '../../core/upstream.ts'

/** How old is what a standby of a primary shows? Of a standby of a standby, `upstream-cascade-lag` asks the same. */
export default defineCheck({
  id: 'replication/lag-time',
  on: ['postgres'],
  severity: 'warning',
  needs: ['wal', 'server', 'settings'],
  wants: ['receiver', 'replicationSlots', 'senders', 'settings'],
  limits: {
    warningMs: { default: 5_000, unit: 'ms', why: 'users notice a password that they changed five seconds ago' },
    errorMs: { default: 30_000, unit: 'ms', why: 'half a minute of rows would be missing after a failover' },
    sustainMs: { default: 30_000, unit: 'ms', why: 'a large transaction replays late without anything being wrong' },
  },
  sustainMs: 'sustainMs',
  question: 'How far behind its primary, in time, is each standby?',
  seeds: [0, 1],
  *run({ nodes, limits }) {
    for (const node of nodes) {
      const [primary, ...further] = hopsOf(node, nodes)
      const { replayLsn, receiveLsn } = node.wal
      if (!primary || primary.server.inRecovery || further.length > 0 || replayLsn === null) continue
      const behind = behindMs(replayLsn, primary)
      const delayMs = applyDelayMs(node.settings)
      const lagMs = behind - delayMs
      if (lagMs < limits.warningMs) continue
      const sender = senderOf(node, primary)
      yield {
        subject: subject.node(node.name),
        node: node.name,
        severity: lagMs >= limits.errorMs ? 'error' : 'warning',
        message: `${node.name} shows its primary as it was ${seconds(behind)} ago${delayMs > 0 ? `, ${seconds(delayMs)} of it on purpose` : ''}`,
        evidence: {
          lag_ms: lagMs,
          recovery_min_apply_delay: delayMs,
          replay_lsn: replayLsn,
          receive_lsn: receiveLsn,
          primary_lsn: primary.wal.writeLsn,
          lag_bytes: primary.wal.writeLsn === null ? null : lsnDistance(replayLsn, primary.wal.writeLsn),
          state: sender?.state ?? null,
          paused: node.wal.replayPaused,
        },
        remedy: 'Look in this order: is replay paused, do queries on the standby hold it up, its disk, the network.',
      }
    }
  },
})
