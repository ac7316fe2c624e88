import { z } from 'zod'
import { notInternal, notOfExtension, ownSchema } from './source.ts'

/** A kind of object that is there and is not taken along, with its number and the first names. */
export interface LeftOut {
  readonly kind: string
  readonly count: number
  readonly names: readonly string[]
}

const inSchema = (catalog: string, column: string, from: string, namespace: string): string =>
  `select ${column}::text from ${from} join pg_namespace n on n.oid = ${namespace}
    where ${ownSchema('n')} and ${notOfExtension(catalog, 'o.oid')}`

/** Each a select of names. Together with the sources they say of every kind of schema object that it was seen. */
const kinds: Readonly<Record<string, string>> = {
  'event triggers': `select o.evtname from pg_event_trigger o where ${notOfExtension('pg_event_trigger', 'o.oid')}`,
  'foreign tables': inSchema(
    'pg_class',
    `o.oid::regclass`,
    `(select * from pg_class where relkind = 'f') o`,
    'o.relnamespace',
  ),
  'foreign servers': `select o.srvname from pg_foreign_server o`,
  rules: `select format('%s on %s', o.rulename, o.ev_class::regclass) from pg_rewrite o join pg_class c on c.oid = o.ev_class
    join pg_namespace n on n.oid = c.relnamespace where o.rulename <> '_RETURN' and ${ownSchema('n')}
      and ${notOfExtension('pg_class', 'c.oid')}`,
  'aggregates and window functions': inSchema(
    'pg_proc',
    `o.oid::regprocedure`,
    `(select * from pg_proc where prokind in ('a', 'w')) o`,
    'o.pronamespace',
  ),
  operators: inSchema('pg_operator', `o.oid::regoperator`, 'pg_operator o', 'o.oprnamespace'),
  'operator classes': inSchema('pg_opclass', `o.opcname`, 'pg_opclass o', 'o.opcnamespace'),
  casts: `select format('%s to %s', o.castsource::regtype, o.casttarget::regtype) from pg_cast o
    where o.oid >= 16384 and ${notInternal('pg_cast', 'o.oid')}`,
  collations: inSchema('pg_collation', 'o.collname', 'pg_collation o', 'o.collnamespace'),
  'base types': inSchema(
    'pg_type',
    `o.oid::regtype`,
    `(select * from pg_type where typtype = 'b' and typcategory <> 'A') o`,
    'o.typnamespace',
  ),
  'text search configurations': inSchema('pg_ts_config', `o.oid::regconfig`, 'pg_ts_config o', 'o.cfgnamespace'),
  'extended statistics': inSchema('pg_statistic_ext', 'o.stxname', 'pg_statistic_ext o', 'o.stxnamespace'),
  languages: `select o.lanname from pg_language o where o.oid >= 16384 and ${notOfExtension('pg_language', 'o.oid')}`,
  'inheritance of tables': inSchema(
    'pg_class',
    `o.oid::regclass`,
    `(select c.* from pg_class c join pg_inherits i on i.inhrelid = c.oid
    where c.relkind = 'r' and not c.relispartition) o`,
    'o.relnamespace',
  ),
  'invalid indexes': inSchema(
    'pg_class',
    `o.oid::regclass`,
    `(select c.* from pg_class c join pg_index i on i.indexrelid = c.oid
    where not i.indisvalid and c.relkind = 'i') o`,
    'o.relnamespace',
  ),
  tablespaces: `select o.spcname from pg_tablespace o where o.spcname not like 'pg\\_%'`,
  'privileges on columns': `select distinct o.attrelid::regclass::text from pg_attribute o join pg_class c on c.oid = o.attrelid
    join pg_namespace n on n.oid = c.relnamespace where o.attacl is not null and ${ownSchema('n')}`,
}

/** One row for each kind of which there is something. */
export const leftOut = `select kind, count(*)::int4 as count, (array_agg(name::text order by name))[1:5] as names from (
${Object.entries(kinds)
  .map(([kind, sql]) => `select '${kind}' as kind, name from (${sql}) o(name)`)
  .join('\nunion all\n')}
) found group by kind order by kind`

export const leftOutRow: z.ZodType<LeftOut> = z.object({
  kind: z.string(),
  count: z.number(),
  names: z.array(z.string()),
})
