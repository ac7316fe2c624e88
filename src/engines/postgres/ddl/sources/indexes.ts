import type { DdlSource } from '../source.ts'
import { notOfExtension, ownSchema, relation } from '../source.ts'

/** Those behind constraints and those that a partition has from its parent come with these; an invalid one serves nobody. */
export const indexes: DdlSource = {
  rank: 65,
  sql: `select 'pg_class/' || x.oid, format('index %I.%I', n.nspname, x.relname),
      -- A partitioned index is printed ON ONLY: its parts are made by themselves, as ours are when the word is left out.
      array[case when x.relkind = 'I' then regexp_replace(pg_get_indexdef(x.oid), ' ON ONLY ', ' ON ')
        else pg_get_indexdef(x.oid) end]
    from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid
    join pg_namespace n on n.oid = c.relnamespace
    where not exists (select from pg_constraint k where k.conindid = x.oid and k.contype in ('p', 'u', 'x'))
      and not exists (select from pg_inherits h where h.inhrelid = x.oid) and (i.indisvalid or x.relkind = 'I')
      and c.relkind in ('r', 'p', 'm') and c.relpersistence <> 't'
      and ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`,
}

/** Which columns say to a subscriber which row it was. */
export const replicaIdentities: DdlSource = {
  rank: 90,
  sql: `select 'identity/' || c.oid, 'replica identity of ' || ${relation},
      array[format('alter table %s replica identity %s', ${relation}, case c.relreplident when 'n' then 'nothing' when 'f' then 'full'
        else (select format('using index %I', x.relname) from pg_index i join pg_class x on x.oid = i.indexrelid
          where i.indrelid = c.oid and i.indisreplident) end)]
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and c.relreplident <> 'd' and ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`,
}
