import { z } from 'zod'
import { byText, defineReader, tooMany } from '../reader.ts'

const most = 2000
const count = z.number()

const row = z.tuple([
  z.string(),
  z.boolean(),
  count,
  count,
  count,
  count,
  count,
  count.nullable(),
  count.nullable(),
  z.tuple([count, count, count, count, count, count]),
  count,
  count,
])

/** What is behind pg_stat_database and pg_stat_database_conflicts, without what they compute and we do not read. Templates too: their ages count. */
export const databases = defineReader({
  key: 'databases',
  tier: 'fast',
  schema: z
    .array(row)
    .nullable()
    .transform((rows) => rows ?? []),
  sql: (versionNum) => `(select json_agg(json_build_array(datname, datallowconn, datconnlimit,
      pg_stat_get_db_numbackends(oid), pg_stat_get_db_xact_commit(oid), pg_stat_get_db_xact_rollback(oid),
      pg_stat_get_db_deadlocks(oid), pg_stat_get_db_checksum_failures(oid),
      extract(epoch from pg_stat_get_db_checksum_last_failure(oid)),
      json_build_array(pg_stat_get_db_conflict_tablespace(oid), pg_stat_get_db_conflict_lock(oid),
        pg_stat_get_db_conflict_snapshot(oid), pg_stat_get_db_conflict_bufferpin(oid),
        pg_stat_get_db_conflict_startup_deadlock(oid),
        ${versionNum >= 160_000 ? 'pg_stat_get_db_conflict_logicalslot(oid)' : '0'}),
      age(datfrozenxid), mxid_age(datminmxid)))
    from (select * from pg_database limit ${most + 1}) d)`,
  map: (rows) =>
    rows.length > most
      ? tooMany('databases', most)
      : rows
          .toSorted(([a], [b]) => byText(a, b))
          .map((one) => {
            const [name, allowsConnections, connectionLimit, backends, commits, rollbacks, deadlocks] = one
            const [, , , , , , , checksumFailures, lastFailure, conflicts, xidAge, mxidAge] = one
            const [tablespace, lock, snapshot, bufferPin, deadlock, logicalSlot] = conflicts
            return {
              name,
              allowsConnections,
              connectionLimit,
              backends,
              commits,
              rollbacks,
              deadlocks,
              checksumFailures,
              checksumLastFailureMs: lastFailure === null ? null : Math.round(lastFailure * 1000),
              conflicts: { tablespace, lock, snapshot, bufferPin, deadlock, logicalSlot },
              xidAge,
              mxidAge,
            }
          }),
})
