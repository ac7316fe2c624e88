import { z } from 'zod'
import { defineReader, hidden } from '../reader.ts'

const text = z.string().nullable()

const states = z
  .array(z.tuple([z.number(), text]).rest(z.unknown()))
  .nullable()
  .transform((rows) => rows ?? [])

/** The walsenders that we may see in a raw value: their names and slots are read less often. `placed`: past their start, and so with the slot that they use. */
export const rawSenders = (raw: unknown): readonly { readonly pid: number; readonly placed: boolean }[] =>
  states
    .parse(raw)
    .filter(([, state]) => state !== null)
    .map(([pid, state]) => ({ pid, placed: state !== 'startup' }))

/** The function behind pg_stat_replication: the view joins all sessions and all roles to it. */
export const senders = defineReader({
  key: 'senders',
  tier: 'fast',
  privilege: 'pg_monitor',
  uses: ['replicationSlots'],
  schema: z
    .array(z.tuple([z.number(), text, text, text, text, text, text]))
    .nullable()
    .transform((rows) => rows ?? []),
  sql: `(select json_agg(json_build_array(pid, state, sent_lsn, write_lsn, flush_lsn, replay_lsn, sync_state))
    from pg_stat_get_wal_senders())`,
  map: (rows, { hello, slots, names }) => {
    // Without the privilege only the pid is there.
    if (rows.some(([, state]) => state === null)) return hidden('pg_stat_replication', hello)
    const byPid = rows.toSorted(([a], [b]) => a - b)
    return byPid.map(([pid, state, sentLsn, writeLsn, flushLsn, replayLsn, syncState]) => ({
      pid,
      applicationName: names.get(pid)?.application ?? '',
      state: state ?? '',
      sentLsn,
      writeLsn,
      flushLsn,
      replayLsn,
      slot: slots.get(pid) ?? null,
      syncState: syncState ?? 'async',
      clientAddress: names.get(pid)?.address ?? null,
    }))
  },
})
