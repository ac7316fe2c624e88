import { z } from 'zod'
import { byText, defineReader } from '../reader.ts'

const text = z.string().nullable()

/** name, type, active, pid, wal status, restart, confirmed, failover, synced */
export const rawSlots = z
  .array(
    z.tuple([
      z.string(),
      z.enum(['physical', 'logical']),
      z.boolean(),
      z.number().nullable(),
      text,
      text,
      text,
      z.boolean(),
      z.boolean(),
    ]),
  )
  .nullable()
  .transform((rows) => rows ?? [])

export const replicationSlots = defineReader({
  key: 'replicationSlots',
  tier: 'fast',
  schema: rawSlots,
  // failover and synced came with 17.
  sql: (
    versionNum,
  ) => `(select json_agg(json_build_array(slot_name, slot_type, active, active_pid, wal_status, restart_lsn,
    confirmed_flush_lsn, ${versionNum >= 170_000 ? 'failover, synced' : 'false, false'}))
    from pg_get_replication_slots() where not temporary)`,
  map: (rows) =>
    rows
      .toSorted(([a], [b]) => byText(a, b))
      .map(([name, type, active, activePid, walStatus, restartLsn, confirmedFlushLsn, failover, synced]) => ({
        name,
        type,
        active,
        activePid,
        walStatus,
        restartLsn,
        confirmedFlushLsn,
        failover,
        synced,
        temporary: false,
        safeWalBytes: null,
        inactiveSinceMs: null,
        invalidation: null,
      })),
})
