import type { DdlSource } from '../source.ts'
import { notOfExtension, ownSchema, relation } from '../source.ts'

const to = `(select string_agg(case when u.oid = 0 then 'public' else quote_ident(pg_get_userbyid(u.oid)) end, ', ')
    from unnest(p.polroles) u(oid))`

/** Row security: on a subscriber it stops the apply worker of an owner who is not above it. */
export const policies: readonly DdlSource[] = [
  {
    rank: 85,
    sql: `select 'pg_policy/' || p.oid, format('policy %I on %s', p.polname, ${relation}),
        array[format('create policy %I on %s as %s for %s to %s', p.polname, ${relation},
            case when p.polpermissive then 'permissive' else 'restrictive' end,
            case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end, ${to})
          || coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
          || coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')]
      from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
      where ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`,
  },
  {
    rank: 120,
    sql: `select 'pg_class-security/' || c.oid, 'row security of ' || ${relation},
        array[format('alter table %s enable row level security', ${relation}),
          case when c.relforcerowsecurity then format('alter table %s force row level security', ${relation}) end]
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relrowsecurity and ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`,
  },
]
