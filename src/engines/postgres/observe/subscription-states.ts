import { z } from 'zod'
import { byText, defineReader } from '../reader.ts'
import { ownSubscriptions } from './own-subscriptions.ts'

const count = z.number().nullable()

export const subscriptionStates = defineReader({
  key: 'subscriptionStates',
  tier: 'fast',
  schema: z
    .array(z.tuple([count, z.string(), z.boolean(), z.string().nullable(), count, z.string().nullable(), count, count]))
    .nullable()
    .transform((rows) => rows ?? []),
  // A leader's row: no table (that is a sync worker), and from 16 on no leader of its own (that is a parallel worker).
  sql: (
    versionNum,
  ) => `(select json_agg(json_build_array(${versionNum >= 140_000 ? 's.subdbid::int8' : 'null'}, s.subname, s.subenabled, s.subslotname, w.pid, w.received_lsn,
    ${versionNum >= 150_000 ? 'e.apply_error_count, e.sync_error_count' : 'null, null'}))
    from ${versionNum >= 140_000 ? 'pg_subscription s' : ownSubscriptions(versionNum)}
    left join lateral (select pid, received_lsn from pg_stat_get_subscription(s.oid)
      where relid is null ${versionNum >= 160_000 ? 'and leader_pid is null' : ''} limit 1) w on true
    ${versionNum >= 150_000 ? 'left join lateral pg_stat_get_subscription_stats(s.oid) e on true' : ''})`,
  // To look up which database this is would cost half as much again; those of other databases are few.
  map: (rows, { hello }) =>
    rows
      .filter(([database]) => database === null || database === hello.databaseOid)
      .toSorted(([, a], [, b]) => byText(a, b))
      .map(([, name, enabled, slot, workerPid, receivedLsn, applyErrors, syncErrors]) => ({
        name,
        enabled,
        slot,
        workerPid,
        receivedLsn,
        applyErrors,
        syncErrors,
      })),
})
