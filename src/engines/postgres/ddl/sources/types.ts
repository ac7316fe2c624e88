import type { DdlSource } from '../source.ts'
import { notOfExtension, ownSchema } from '../source.ts'

const name = `format('%I.%I', n.nspname, t.typname)`

const source = (kind: string, where: string, create: string): DdlSource => ({
  rank: 10,
  sql: `select 'pg_type/' || t.oid, '${kind} ' || ${name},
      array[${create},
        format('alter ${kind === 'domain' ? 'domain' : 'type'} %s owner to %I', ${name}, pg_get_userbyid(t.typowner))]
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where ${where} and ${ownSchema('n')} and ${notOfExtension('pg_type', 't.oid')}`,
})

const collation = (
  attribute: string,
  ofType: string,
): string => `(select format(' collate %I.%I', cn.nspname, l.collname)
    from pg_collation l join pg_namespace cn on cn.oid = l.collnamespace
    where l.oid = ${attribute} and ${attribute} <> ${ofType})`

const enums = source(
  'enum',
  `t.typtype = 'e'`,
  `format('create type %s as enum (%s)', ${name},
    (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid))`,
)

const composites = source(
  'composite type',
  `t.typtype = 'c' and exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c')`,
  `format('create type %s as (%s)', ${name},
    (select string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
        || coalesce(${collation('a.attcollation', 'y.typcollation')}, ''), ', ' order by a.attnum)
      from pg_attribute a join pg_type y on y.oid = a.atttypid
      where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped))`,
)

const domains = source(
  'domain',
  `t.typtype = 'd'`,
  `format('create domain %s as %s', ${name}, format_type(t.typbasetype, t.typtypmod))
    || coalesce((select ${collation('t.typcollation', 'b.typcollation')} from pg_type b where b.oid = t.typbasetype), '')
    || coalesce(' default ' || t.typdefault, '') || case when t.typnotnull then ' not null' else '' end
    || coalesce((select string_agg(format(' constraint %I %s', k.conname, pg_get_constraintdef(k.oid)), '' order by k.conname)
      from pg_constraint k where k.contypid = t.oid and k.contype = 'c'), '')`,
)

const ranges = source(
  'range',
  `t.typtype = 'r'`,
  `(select format('create type %s as range (subtype = %s', ${name}, format_type(r.rngsubtype, null))
      || coalesce((select format(', subtype_opclass = %I.%I', o.nspname, c.opcname) from pg_opclass c
        join pg_namespace o on o.oid = c.opcnamespace where c.oid = r.rngsubopc and not c.opcdefault), '')
      || case when r.rngsubdiff::oid = 0 then '' else ', subtype_diff = ' || r.rngsubdiff end
      || format(', multirange_type_name = %s)', r.rngmultitypid::regtype)
    from pg_range r where r.rngtypid = t.oid)`,
)

export const types: readonly DdlSource[] = [enums, composites, domains, ranges]
