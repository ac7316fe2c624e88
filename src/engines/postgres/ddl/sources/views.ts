import type { DdlSource } from '../source.ts'
import { notOfExtension, ownSchema, relation, withOptions } from '../source.ts'

/** A materialised one is filled at once: an empty one could not be read. */
export const views: DdlSource = {
  rank: 60,
  sql: `select 'pg_class/' || c.oid, case c.relkind when 'm' then 'materialized view ' else 'view ' end || ${relation},
      array[format('create %sview %s%s as %s', case c.relkind when 'm' then 'materialized ' else '' end, ${relation},
          ${withOptions}, rtrim(pg_get_viewdef(c.oid), ';')),
        format('alter table %s owner to %I', ${relation}, pg_get_userbyid(c.relowner))]
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('v', 'm') and ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`,
}
