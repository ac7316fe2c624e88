import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'
import { isSameServer } from '../../core/upstream.ts'

/** Two copies of one system on different timelines have parted: one of them has WAL that the other will never have. */
export default defineCheck({
  id: 'replication/timeline-diverged',
  on: ['postgres'],
  severity: 'error',
  needs: ['server', 'wal'],
  wants: ['receiver', 'settings'],
  limits: {
    aheadMs: { default: 5_000, unit: 'ms', why: 'in a switchover a standby may be read before its new primary' },
    behindMs: {
      default: 60_000,
      unit: 'ms',
      why: 'after a switchover a standby follows to the new timeline within seconds',
    },
  },
  question: 'Are all copies of one system on the same timeline?',
  seeds: [0, 4],
  *run({ nodes, blind, limits, atMs }) {
    const isBlind = blind.some(({ role }) => role !== 'subscriber')
    for (const node of nodes) {
      const own = node.wanted.receiver?.[0]?.timeline ?? node.wal.timeline
      const open = nodes.filter(
        (other) =>
          other !== node &&
          other.role !== 'subscriber' &&
          !other.server.inRecovery &&
          other.server.systemId === node.server.systemId &&
          !isSameServer(other, node),
      )
      const timelines = open.flatMap(({ wal }) => wal.timeline ?? [])
      if (own === null || node.role === 'subscriber' || open.length === 0 || timelines.length < open.length) continue
      const newest = Math.max(...timelines)
      const isNewer = own > newest
      if (timelines.includes(own) || (isNewer && !node.server.inRecovery)) continue
      const streams = node.wanted.receiver?.some(({ status }) => status === 'streaming') ?? false
      // It follows somebody: to the next timeline, or one whom we cannot see.
      if (node.server.inRecovery && streams && (!isNewer || isBlind)) continue
      const graceMs = isNewer ? limits.aheadMs : node.server.inRecovery ? limits.behindMs : 0
      const was = node.earlier.filter((past) => past.wal.timeline === node.wal.timeline && past.server.inRecovery)
      const parted = open.flatMap(({ earlier }) => earlier.filter(({ wal }) => wal.timeline === newest))
      const since = Math.max(was[0]?.atMs ?? atMs, parted[0]?.atMs ?? atMs)
      // Only what was seen to begin may be on its way: what was so at the first look is told at once, by a single look too.
      const isBegun =
        node.earlier.some((past) => past.wal.timeline !== node.wal.timeline || !past.server.inRecovery) ||
        open.some(({ earlier }) => earlier.some(({ wal }) => wal.timeline !== newest))
      if (isBegun && graceMs > 0 && atMs - since < graceMs) continue
      const other = open.find(({ wal }) => wal.timeline === newest) ?? open[0]
      yield {
        subject: subject.node(node.name),
        node: node.name,
        message: `${node.name} is on timeline ${own}, ${other?.name ?? 'its primary'} on ${newest}: they have parted`,
        evidence: {
          system_identifier: node.server.systemId,
          timeline: own,
          timeline_of_other: newest,
          other: other?.name ?? null,
          lsn: node.wal.writeLsn ?? node.wal.receiveLsn ?? node.wal.replayLsn,
          lsn_of_other: other?.wal.writeLsn ?? null,
          in_recovery: node.server.inRecovery,
        },
        remedy: `Decide which of ${node.name} and ${other?.name ?? 'the other'} has the rows that count, and save what only the other one has. Then stop the other one and run on its host: pg_rewind --target-pgdata=DATA --source-server='host=… user=…' --write-recovery-conf; if that is refused, rebuild it with pg_basebackup.`,
      }
    }
  },
})
