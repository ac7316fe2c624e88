import { z } from 'zod'
import { defineReader } from '../reader.ts'

const lsn = z.string().nullable()

/** pg_current_wal_lsn() fails in recovery, pg_get_wal_replay_pause_state() outside it. */
export const wal = defineReader({
  key: 'wal',
  tier: 'fast',
  schema: z.tuple([lsn, lsn, lsn, z.string().nullable(), z.number().nullable()]),
  sql: `case when pg_is_in_recovery()
    then json_build_array(null, pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), pg_get_wal_replay_pause_state(), null)
    else json_build_array(pg_current_wal_lsn(), null, null, null, null) end`,
  map: ([writeLsn, receiveLsn, replayLsn, pause, timeline]) => ({
    writeLsn,
    receiveLsn,
    replayLsn,
    // 'pause requested' is on its way to it; replay still goes on.
    replayPaused: pause === 'paused',
    timeline,
  }),
})
