import { defineCheck } from '../../core/check.ts'
import { lsnDistance } from '../../core/lsn.ts'
import { consumerOf } from '../../core/slot-consumer.ts'
import { sqlLiteral } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** A slot that nobody reads keeps WAL until the disk is full, or until the limit that makes the slot worthless. */
export default defineCheck({
  id: 'replication/slot-inactive',
  on: ['postgres'],
  severity: 'warning',
  needs: ['replicationSlots', 'server', 'wal'],
  wants: ['settings', 'subscriptionStates'],
  wantsCluster: ['hosts'],
  limits: {
    quietMs: { default: 100_000, unit: 'ms', why: 'a consumer that is restarted is back within 90 s' },
    warningMs: { default: 600_000, unit: 'ms', why: 'nobody restarts a consumer for ten minutes' },
    safeShare: { default: 0.2, unit: 'share', why: 'of max_slot_wal_keep_size: with less left the slot is soon lost' },
    diskShare: {
      default: 0.25,
      unit: 'share',
      why: 'of the free disk kept for one slot: the primary stops when it is full',
    },
  },
  question: 'Is every replication slot read by somebody?',
  seeds: [1, 4],
  *run({ nodes, limits, wanted }) {
    for (const node of nodes)
      for (const slot of node.replicationSlots) {
        // Without restart_lsn it was never used and keeps nothing; a synced one is read on the primary.
        if (slot.active || slot.temporary || slot.synced || slot.restartLsn === null) continue
        if (slot.walStatus === 'lost' || slot.invalidation !== null) continue
        const reading = (past: (typeof node.earlier)[number]): boolean =>
          past.replicationSlots.some(({ name, active }) => name === slot.name && active) ||
          !past.replicationSlots.some(({ name }) => name === slot.name)
        const lastRead = node.earlier.findLastIndex(reading)
        const seenMs = node.atMs - (node.earlier[lastRead + 1]?.atMs ?? node.atMs)
        // 17 says since when, on the server's own clock; before, only what was watched is known.
        const inactiveMs = slot.inactiveSinceMs === null ? seenMs : node.server.nowMs - slot.inactiveSinceMs
        const position = node.wal.writeLsn ?? node.wal.receiveLsn ?? node.wal.replayLsn
        const retained = position === null ? null : Math.max(0, lsnDistance(slot.restartLsn, position))
        const keep = Number(node.wanted.settings?.['max_slot_wal_keep_size'] ?? -1) * 1_048_576
        const isNearLoss = keep > 0 && slot.safeWalBytes !== null && slot.safeWalBytes < keep * limits.safeShare
        const disks = wanted.hosts?.hosts.find((host) => host.node === node.name)?.disks ?? []
        const free = (disks.find(({ what }) => what === 'wal') ?? disks.find(({ what }) => what === 'data'))?.freeBytes
        const fillsDisk = free !== undefined && retained !== null && retained > free * limits.diskShare
        const hurts = isNearLoss || fillsDisk
        // A single look cannot wait, and before 17 nothing else says since when: it tells what it sees, and what would decide.
        const isUndecided = node.unansweredMs === null && slot.inactiveSinceMs === null && lastRead === -1
        const isShort = inactiveMs < limits.quietMs
        if (!hurts && isShort && !isUndecided) continue
        const look =
          !hurts && isShort
            ? ` Since when is not known of this version: look once more in ${Math.round(limits.quietMs / 1000)} s, or keep antemortem watch running.`
            : ''
        const consumer = consumerOf(slot, node.name, nodes)
        yield {
          subject: subject.slot(node.name, slot.name),
          node: node.name,
          severity: hurts
            ? 'error'
            : !isShort && (slot.inactiveSinceMs === null || inactiveMs >= limits.warningMs)
              ? 'warning'
              : 'info',
          message: `nobody reads slot ${slot.name} of ${node.name}, which keeps ${retained === null ? 'WAL' : `${(retained / 1_048_576).toFixed(0)} MB of WAL`}${isNearLoss ? ' and is nearly lost' : ''}${fillsDisk ? ', much of the disk that is left' : ''}`,
          evidence: {
            slot_type: slot.type,
            restart_lsn: slot.restartLsn,
            retained_bytes: retained,
            wal_status: slot.walStatus,
            safe_wal_size: slot.safeWalBytes,
            inactive_for_ms: inactiveMs,
            consumer: consumer?.name ?? null,
            disk_free_bytes: free ?? null,
          },
          remedy: `${
            consumer
              ? `Start the consumer on ${consumer.name} again. If it will not come back,`
              : `Find out whose slot it is; no configured node reads it. If nobody misses it,`
          } on ${node.name}: select pg_drop_replication_slot(${sqlLiteral(slot.name)});${look}`,
        }
      }
  },
})
