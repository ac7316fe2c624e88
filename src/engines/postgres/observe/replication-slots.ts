import { z } from 'zod'
import { byText, defineReader } from '../reader.ts'

const text = z.string().nullable()

/** name, type, active, pid, wal status, restart, confirmed, failover, synced, temporary, safe bytes, inactive since, invalidation */
const rawSlots = z
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
      z.boolean(),
      z.number().nullable(),
      z.number().nullable(),
      text,
    ]),
  )
  .nullable()
  .transform((rows) => rows ?? [])

/** Those that are in use, by the pid of who uses them. */
export const slotNames = (raw: unknown): ReadonlyMap<number, string> =>
  new Map(rawSlots.parse(raw).flatMap(([name, , , pid]) => (pid === null ? [] : [[pid, name]])))

/** Since when it is inactive, and why it is of no use any more: 17 says both, 16 the second. */
const ended = (versionNum: number): string =>
  versionNum >= 170_000
    ? 'extract(epoch from inactive_since), invalidation_reason'
    : `null, ${versionNum >= 160_000 ? "case when conflicting then 'conflicting' end" : 'null'}`

export const replicationSlots = defineReader({
  key: 'replicationSlots',
  tier: 'fast',
  schema: rawSlots,
  // safe_wal_size of a slot that has reserved nothing yet is a large negative number, which means nothing.
  sql: (
    versionNum,
  ) => `(select json_agg(json_build_array(slot_name, slot_type, active, active_pid, wal_status, restart_lsn,
    confirmed_flush_lsn, ${versionNum >= 170_000 ? 'failover, synced' : 'false, false'}, temporary,
    case when restart_lsn is not null then safe_wal_size end, ${ended(versionNum)}))
    from pg_get_replication_slots())`,
  map: (rows) =>
    rows
      .toSorted(([a], [b]) => byText(a, b))
      .map((row) => {
        const [name, type, active, activePid, walStatus, restartLsn, confirmedFlushLsn, failover, synced] = row
        const [, , , , , , , , , temporary, safeWalBytes, inactiveSince, invalidation] = row
        const inactiveSinceMs = inactiveSince === null || active ? null : Math.round(inactiveSince * 1000)
        return {
          name,
          type,
          active,
          activePid,
          walStatus,
          restartLsn,
          confirmedFlushLsn,
          failover,
          synced,
          temporary,
          safeWalBytes,
          inactiveSinceMs,
          invalidation,
        }
      }),
})
