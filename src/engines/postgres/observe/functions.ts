import { z } from 'zod'
import { byText, defineReader, tooMany } from '../reader.ts'

const most = 10_000
const words = { i: 'immutable', s: 'stable', v: 'volatile' } as const

/**
 * Without deparsing, which would lock what a body in standard SQL names: of such a body (14 and later) the digest takes the
 * parsed form, which holds numbers of this database. Numbers from 16384 on belong to users: that leaves out the server's own
 * three thousand functions by their index. An aggregate is a row of another catalog over functions that are here.
 */
export const functions = defineReader({
  key: 'functions',
  tier: 'slow',
  schema: z
    .array(
      z.tuple([
        z.string(),
        z.string(),
        z.string(),
        z.enum(['i', 's', 'v']),
        z.string(),
        z.array(z.string()).nullable(),
      ]),
    )
    .nullable()
    .transform((rows) => rows ?? []),
  sql: (versionNum) => `(select json_agg(fn) from (
    select json_build_array(n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), p.provolatile,
      md5(concat_ws('|', p.prosrc, p.probin, ${versionNum >= 140_000 ? 'p.prosqlbody::text, ' : ''}l.lanname, p.prokind,
        p.provolatile, p.proisstrict, p.prosecdef, p.proleakproof, p.proparallel, p.proretset,
        format_type(p.prorettype, null), p.proconfig::text)),
      i.names) as fn
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
    left join (
      select d.refobjid, json_agg(distinct n.nspname || '.' || c.relname) as names
      from pg_depend d join pg_class c on c.oid = d.objid and c.relkind in ('i', 'I') join pg_namespace n on n.oid = c.relnamespace
      where d.classid = 1259 and d.refclassid = 1255 group by d.refobjid) i on i.refobjid = p.oid
    where p.oid >= 16384 and p.prokind <> 'a' and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
      and not exists (select from pg_depend e where e.classid = 1255 and e.objid = p.oid and e.deptype = 'e')
    limit ${most + 1}) f)`,
  map: (rows) =>
    rows.length > most
      ? tooMany('functions', most)
      : rows
          .map(([schema, name, args, volatility, digest, indexes]) => ({
            schema,
            name,
            arguments: args,
            volatility: words[volatility],
            digest,
            indexes: (indexes ?? []).toSorted(),
          }))
          .sort((a, b) => byText(a.schema, b.schema) || byText(a.name, b.name) || byText(a.arguments, b.arguments)),
})
