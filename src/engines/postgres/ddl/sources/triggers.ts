import type { DdlSource } from '../source.ts'
import { notOfExtension, ownSchema, relation } from '../source.ts'

/** With how it fires: ALWAYS on a subscriber changes what arrives. */
export const triggers: DdlSource = {
  rank: 80,
  sql: `select 'pg_trigger/' || t.oid, format('trigger %I on %s', t.tgname, ${relation}),
      array[pg_get_triggerdef(t.oid), case t.tgenabled
        when 'D' then format('alter table %s disable trigger %I', ${relation}, t.tgname)
        when 'R' then format('alter table %s enable replica trigger %I', ${relation}, t.tgname)
        when 'A' then format('alter table %s enable always trigger %I', ${relation}, t.tgname) end]
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and t.tgparentid = 0 and ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`,
}
