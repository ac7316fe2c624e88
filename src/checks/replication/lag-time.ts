import { defineCheck } from '../../core/check.ts'
import { lsnReached } from '../../core/lsn.ts'
import { subject } from '../../core/subject.ts'

/**
 * How old is what a standby shows? Asked on the monitor's own clock: since when has the primary had a WAL position that the
 * standby has not replayed yet. The usual formulas (now() − last replayed commit, received − replayed) fail on an idle primary
 * and on a standby that is cut off.
 */
export default defineCheck({
  id: 'replication/lag-time',
  on: ['postgres'],
  severity: 'warning',
  needs: ['wal', 'server', 'settings'],
  limits: {
    warningMs: { default: 5_000, unit: 'ms', why: 'users notice a password that they changed five seconds ago' },
    errorMs: { default: 30_000, unit: 'ms', why: 'half a minute of rows would be missing after a failover' },
    sustainMs: { default: 30_000, unit: 'ms', why: 'a large transaction replays late without anything being wrong' },
  },
  sustainMs: 'sustainMs',
  question: 'How far behind its primary, in time, is each standby?',
  seeds: [0, 1],
  *run({ nodes, limits, atMs }) {
    for (const node of nodes) {
      const replayed = node.wal.replayLsn
      const primary = nodes.find(({ name }) => name === node.upstream)
      if (!node.server.inRecovery || !primary || replayed === null) continue
      const written = [...primary.earlier, { ...primary, atMs }]
      const first = written.find(({ wal }) => wal.writeLsn !== null && !lsnReached(replayed, wal.writeLsn))
      if (!first) continue
      const behindMs = atMs - first.atMs
      // In pg_settings in its own unit, milliseconds.
      const delayMs = Number(node.settings['recovery_min_apply_delay'] ?? 0)
      const lagMs = behindMs - delayMs
      if (lagMs < limits.warningMs) continue
      yield {
        subject: subject.node(node.name),
        node: node.name,
        severity: lagMs >= limits.errorMs ? 'error' : 'warning',
        message: `${node.name} shows its primary as it was ${(behindMs / 1000).toFixed(0)} s ago${delayMs > 0 ? `, ${(delayMs / 1000).toFixed(0)} s of it on purpose` : ''}`,
        evidence: {
          lag_ms: lagMs,
          recovery_min_apply_delay: delayMs,
          replay_lsn: replayed,
          primary_lsn: primary.wal.writeLsn,
          paused: node.wal.replayPaused,
        },
        remedy: 'Look in this order: is replay paused, do queries on the standby hold it up, its disk, the network.',
      }
    }
  },
})
