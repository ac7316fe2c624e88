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
]

const writes = catalogs
  .flatMap(([, oid, kinds]) => kinds.map((kind) => `pg_stat_get_tuples_${kind}(${oid})`))
  .join(' + ')

const schema = z.tuple([z.number().nullable(), z.string().nullable()])

const rowHash = (row: string, from: string): string =>
  `(select bit_xor(hash_record_extended(row(${row}), 0)) from ${from})`

/** A digest without order: sorting would cost as much again. pg_subscription's xmin may not be read, its plain columns may. */
const digest = `concat_ws(':',
  ${rowHash('oid, xmin', `pg_class where relpersistence <> 't'`)},
  ${rowHash('oid, xmin', 'pg_publication')},
  ${rowHash('oid, xmin', 'pg_publication_rel')},
  ${rowHash('oid, xmin', 'pg_publication_namespace')},
  ${rowHash('srrelid, srsubid, xmin', 'pg_subscription_rel')},
  ${rowHash('oid, subname, subenabled, subslotname, subpublications', 'pg_subscription')})`

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
  sql: sql(digest),
  map,
})
