import type { DdlSource } from '../source.ts'
import { notInternal, ownSchema } from '../source.ts'

const signature = `format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))`

/** Functions and procedures. Aggregates and window functions in C are counted as left out. */
export const routines: DdlSource = {
  rank: 20,
  sql: `select 'pg_proc/' || p.oid, case p.prokind when 'p' then 'procedure ' else 'function ' end || ${signature},
      array[rtrim(pg_get_functiondef(p.oid), E'\\n'),
        format('alter routine %s owner to %I', ${signature}, pg_get_userbyid(p.proowner))]
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prokind in ('f', 'p') and ${ownSchema('n')} and ${notInternal('pg_proc', 'p.oid')}`,
}
