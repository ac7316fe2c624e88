import { z } from 'zod'
import type { ReaderSession } from '../reader-session.ts'
import type { Limits } from '../session.ts'
import { ownSchema } from './source.ts'

/** What one session has done so far, as the server counts it: compared before and after a statement. */
export interface Footprint {
  /** null on a standby. */
  readonly lsn: string | null
  /** File numbers of tables by oid: another number is another file, written whole. */
  readonly files: Readonly<Record<string, number>>
  /** What the session's transaction holds on tables, in the words of `pg_locks.mode`. */
  readonly locks: readonly { readonly oid: number; readonly table: string; readonly mode: string }[]
}

export const footprint = `select case when pg_is_in_recovery() then null else pg_current_wal_insert_lsn()::text end as lsn,
  (select coalesce(json_object_agg(c.oid, pg_relation_filenode(c.oid)::int8), '{}') from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and c.relpersistence <> 't' and ${ownSchema('n')}) as files,
  (select coalesce(json_agg(json_build_object('oid', c.oid::int8, 'table', n.nspname || '.' || c.relname, 'mode', l.mode)
      order by c.oid, l.mode), '[]')
    from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
    where l.pid = pg_backend_pid() and l.granted and c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't'
      and ${ownSchema('n')}) as locks`

export const footprintRow: z.ZodType<Footprint> = z.object({
  lsn: z.string().nullable(),
  files: z.record(z.string(), z.number()),
  locks: z.array(z.object({ oid: z.number(), table: z.string(), mode: z.string() })),
})

/** What the server could not take from its own files, in words with file and line. That TLS is off is said of every line that asks for it. */
export const fileErrors = `select coalesce(json_agg(words), '[]') as errors from (
    select format('%s:%s: %s: %s', sourcefile, sourceline, coalesce(name, '?'), error) as words from pg_file_settings
      where error is not null and error not like '%could not be changed%'
    union all
    select format('pg_hba.conf:%s: %s', line_number, error) from pg_hba_file_rules where error is not null and error not like '%SSL is disabled%'
  ) refused`

export const fileErrorsRow = z.object({ errors: z.array(z.string()) })

/** Names of transactions that are prepared in this database and belong to no session. */
export async function preparedTransactions(
  { session }: Pick<ReaderSession, 'session'>,
  limits: Limits,
): Promise<readonly string[]> {
  const text = 'select gid from pg_prepared_xacts where database = current_database() order by gid'
  const answer = await session.run({ text }, limits)
  return answer.ok
    ? z
        .array(z.object({ gid: z.string() }))
        .parse(answer.rows)
        .map(({ gid }) => gid)
    : []
}
