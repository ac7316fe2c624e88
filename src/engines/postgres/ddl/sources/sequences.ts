import type { DdlSource } from '../source.ts'
import { notOfExtension, ownSchema, relation } from '../source.ts'

const identity = `exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i')`

/** How a sequence counts, in the words of `create sequence` and of an identity column, for `s`. */
export const counting = `format('start with %s increment by %s minvalue %s maxvalue %s cache %s', s.seqstart, s.seqincrement,
    s.seqmin, s.seqmax, s.seqcache) || case when s.seqcycle then ' cycle' else '' end`

/** Those of identity columns are made with their table. */
export const sequences: DdlSource = {
  rank: 12,
  sql: `select 'pg_class/' || c.oid, 'sequence ' || ${relation},
      array[format('create sequence %s as %s ', ${relation}, format_type(s.seqtypid, null)) || ${counting},
        format('alter sequence %s owner to %I', ${relation}, pg_get_userbyid(c.relowner))]
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_sequence s on s.seqrelid = c.oid
    where ${ownSchema('n')} and not ${identity} and ${notOfExtension('pg_class', 'c.oid')}`,
}

/** What a `serial` column is: the sequence goes with the column. */
export const ownedSequences: DdlSource = {
  rank: 35,
  sql: `select 'owned/' || c.oid, 'owner of sequence ' || ${relation},
      array[format('alter sequence %s owned by %s.%I', ${relation}, d.refobjid::regclass, a.attname)]
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'a' and d.refobjsubid > 0
      and d.refclassid = 'pg_class'::regclass
    join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where c.relkind = 'S' and ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`,
}
