import { z } from 'zod'
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

/** What the server could not take from its own files, in words with file and line. */
export const fileErrors = `select coalesce(json_agg(format('%s:%s: %s: %s', sourcefile, sourceline, coalesce(name, '?'), error) order by seqno), '[]') as errors
  from pg_file_settings where error is not null`

export const fileErrorsRow = z.object({ errors: z.array(z.string()) })
