import { z } from 'zod'
import { defineReader } from '../reader.ts'

const lsn = z.string().nullable()

/** Since 14 a pause is told apart from one that was asked for. */
const pauseState = (versionNum: number): string =>
  versionNum >= 140_000 ? 'pg_get_wal_replay_pause_state()' : `case when pg_is_wal_replay_paused() then 'paused' end`

/**
 * pg_current_wal_lsn() fails in recovery, pg_get_wal_replay_pause_state() outside it. The timeline of a
 * primary stands in the name of the file that it writes; a standby that receives nothing has that of its last restartpoint
 * on disk. Fields of functions rather than subselects: those are set up for every execution, also on a primary.
 */
export const wal = defineReader({
  key: 'wal',
  tier: 'fast',
  schema: z.tuple([lsn, lsn, lsn, z.string().nullable(), z.number().nullable()]),
  sql: (versionNum) => `case when pg_is_in_recovery()
    then json_build_array(null, pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), ${pauseState(versionNum)},
      coalesce((pg_stat_get_wal_receiver()).received_tli, nullif((pg_control_recovery()).min_recovery_end_timeline, 0)))
    else json_build_array(pg_current_wal_lsn(), null, null, null,
      ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int8) end`,
  map: ([writeLsn, receiveLsn, replayLsn, pause, timeline]) => ({
    writeLsn,
    receiveLsn,
    replayLsn,
    // 'pause requested' is on its way to it; replay still goes on.
    replayPaused: pause === 'paused',
    timeline,
  }),
})
