import { defineCheck } from '../../core/check.ts'
import { applyDelayMs } from '../../core/lag.ts'
import { lsnDistance, type Lsn } from '../../core/lsn.ts'
import { subject } from '../../core/subject.ts'
import { rootOf, senderOf } from '../../core/upstream.ts'

const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MB`

/** WAL that the primary has and a standby has not replayed: what a failover to it would lose or wait for. */
export default defineCheck({
  id: 'replication/lag-bytes',
  on: ['postgres'],
  severity: 'warning',
  needs: ['wal', 'server'],
  wants: ['senders', 'receiver', 'replicationSlots', 'settings'],
  limits: {
    warningBytes: { default: 16_777_216, unit: 'bytes', why: 'one WAL segment; a standby that keeps up is within it' },
    errorBytes: { default: 1_073_741_824, unit: 'bytes', why: 'a gigabyte takes minutes to send and to replay' },
    keepShare: {
      default: 0.25,
      unit: 'share',
      why: 'of max_slot_wal_keep_size: at all of it the slot is lost, and the standby with it',
    },
    sustainMs: { default: 30_000, unit: 'ms', why: 'a large transaction arrives in a burst' },
  },
  sustainMs: 'sustainMs',
  question: 'How much WAL of its primary has each standby not replayed?',
  seeds: [1],
  *run({ nodes, limits }) {
    for (const node of nodes) {
      const root = rootOf(node, nodes)
      const delayMs = applyDelayMs(node.wanted.settings)
      const { receiveLsn, replayLsn } = node.wal
      // What is delayed on purpose is received at once all the same.
      const position = delayMs > 0 ? receiveLsn : replayLsn
      const written = root?.wal.writeLsn ?? null
      if (!root || written === null || position === null) continue
      const behind = lsnDistance(position, written)
      if (behind < limits.warningBytes) continue
      const { settings = {} } = root.wanted
      // In MB, -1 for no limit; without a slot it does not matter.
      const keep = node.wanted.settings?.['primary_slot_name'] ? Number(settings['max_slot_wal_keep_size'] ?? -1) : -1
      const error = keep > 0 ? Math.min(limits.errorBytes, keep * 1_048_576 * limits.keepShare) : limits.errorBytes
      const gap = (from: Lsn | null, to: Lsn | null): number | null =>
        from === null || to === null ? null : Math.max(0, lsnDistance(from, to))
      const sent = senderOf(node, root)?.sentLsn ?? null
      const stages = {
        not_sent_bytes: gap(sent, written),
        not_received_bytes: gap(receiveLsn, written),
        not_replayed_bytes: gap(replayLsn, receiveLsn),
      }
      const first = node.earlier[0]
      const moved = gap(first?.wal.replayLsn ?? null, replayLsn)
      const since = root.earlier.find(({ wal }) => wal.writeLsn !== null)
      const wrote = gap(since?.wal.writeLsn ?? null, written)
      const replayRate = rate(moved, node.atMs - (first?.atMs ?? node.atMs))
      const writeRate = rate(wrote, root.atMs - (since?.atMs ?? root.atMs))
      const gains = replayRate !== null && writeRate !== null && replayRate > writeRate ? replayRate - writeRate : null
      const isReplay = delayMs === 0 && (stages.not_replayed_bytes ?? 0) > (stages.not_received_bytes ?? 0)
      yield {
        subject: subject.node(node.name),
        node: node.name,
        severity: behind >= error ? 'error' : 'warning',
        message: `${node.name} is ${megabytes(behind)} of WAL behind ${root.name}${isReplay ? ', most of it received and not replayed' : ''}`,
        evidence: {
          lag_bytes: behind,
          ...stages,
          write_bytes_per_s: writeRate,
          replay_bytes_per_s: replayRate,
          catches_up_in_s: gains === null ? null : Math.round(behind / gains),
          primary_lsn: written,
          replay_lsn: replayLsn,
          max_slot_wal_keep_size: settings['max_slot_wal_keep_size'] ?? null,
        },
        remedy: isReplay
          ? `Replay holds it up on ${node.name}: see whether it is paused, end the queries that it waits for, then look at its disk and CPU.`
          : `The WAL does not arrive: look at the network between ${root.name} and ${node.name}, then at the disk of ${node.name}. Slow the writer down if it is a bulk job.`,
      }
    }
  },
})

const rate = (bytes: number | null, ms: number): number | null =>
  bytes === null || ms <= 0 ? null : Math.round((bytes * 1000) / ms)
