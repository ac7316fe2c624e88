import { z } from 'zod'
import { defineReader } from '../reader.ts'

type Write = 'inserted' | 'updated' | 'deleted'
const all = ['inserted', 'updated', 'deleted'] as const satisfies readonly Write[]

/**
 * The catalogs behind the slow facts, and what of them moves with every change of those: fixed oids of src/include/catalog,
 * because a name costs a look-up each. Nothing here moves by DML, ANALYZE or VACUUM.
 */
const catalogs: readonly (readonly [catalog: string, oid: number, writes: readonly Write[]])[] = [
  ['pg_class', 1259, all],
  ['pg_attribute', 1249, all],
  ['pg_constraint', 2606, all],
  // Created and dropped with its row of pg_class.
  ['pg_index', 2610, ['updated']],
  ['pg_publication', 6104, all],
  ['pg_publication_rel', 6106, all],
  ['pg_publication_namespace', 6237, ['inserted', 'deleted']],
  ['pg_subscription', 6100, all],
  ['pg_subscription_rel', 6102, all],
  ['pg_proc', 1255, all],
  ['pg_trigger', 2620, all],
  ['pg_extension', 3079, all],
  // Shared by all databases of the server, as their counters are. pg_authid may not be read, its counters may.
  ['pg_authid', 1260, all],
  ['pg_db_role_setting', 2964, all],
  ['pg_database', 1262, all],
]

const writes = catalogs
  .flatMap(([, oid, kinds]) => kinds.map((kind) => `pg_stat_get_tuples_${kind}(${oid})`))
  .join(' + ')

const schema = z.tuple([z.number().nullable(), z.string().nullable()])

/** Without order: sorting would cost as much again. Rows and the aggregate that takes any order came with 14. */
const rowHash = (versionNum: number, row: string, from: string): string =>
  versionNum >= 140_000
    ? `(select bit_xor(hash_record_extended(row(${row}), 0)) from ${from})`
    : `(select sum(hashtextextended(row(${row})::text, 0)) from ${from})`

/**
 * pg_subscription's xmin may not be read, its plain columns may; the same of pg_authid, by its view. Numbers from 16384 on are
 * not the server's own: with them an index leaves out its three thousand functions.
 */
const rows: readonly (readonly [row: string, from: string, since?: number])[] = [
  ['oid, xmin', `pg_class where relpersistence <> 't'`],
  ['oid, xmin', 'pg_publication'],
  ['oid, xmin', 'pg_publication_rel'],
  ['oid, xmin', 'pg_publication_namespace', 150_000],
  ['srrelid, srsubid, xmin', 'pg_subscription_rel'],
  ['subdbid, subname, subenabled, subslotname, subpublications', 'pg_subscription'],
  ['oid, xmin', 'pg_proc where oid >= 16384'],
  ['oid, xmin', 'pg_trigger where not tgisinternal'],
  ['oid, xmin', 'pg_extension'],
  ['oid, xmin', 'pg_database'],
  ['setdatabase, setrole, xmin', 'pg_db_role_setting'],
  ['oid, rolname, rolsuper, rolcanlogin, rolreplication, rolconnlimit, rolvaliduntil', 'pg_roles'],
]

const digest = (versionNum: number): string =>
  `concat_ws(':',
  ${rows
    .filter(([, , since = 0]) => versionNum >= since)
    .map(([row, from]) => rowHash(versionNum, row, from))
    .join(',\n  ')})`

const sql = (digestSql: string): string =>
  `json_build_array(case when not pg_is_in_recovery() then ${writes} end, ${digestSql})`

const map = ([catalogWrites, catalogDigest]: z.infer<typeof schema>) => ({ catalogWrites, catalogDigest })

/** Statistics reach shared memory when a session goes idle: the counters of a session that stays busy come up to 10 s late. */
export const tick = defineReader({ key: 'tick', tier: 'fast', schema, sql: sql('null'), map })

/** The same with the digest, which reads all of pg_class. */
export const tickWithDigest = defineReader({
  key: 'tick',
  variant: 'd',
  tier: 'fast',
  schema,
  sql: (versionNum) => sql(digest(versionNum)),
  map,
})
