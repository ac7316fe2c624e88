import { literal } from '../../../engines/postgres/rows/sql.ts'
import { asNamed, type Named } from '../../change/relations.ts'
import { child, text, type TreeNode } from '../../change/tree.ts'
import { shown, shownNamed } from '../names.ts'
import { relationOid } from './named-in-sql.ts'

/** Where a policy stands in the catalog, as a condition. */
export const policyOf = (table: Named, name: string): string =>
  `polrelid = ${relationOid(table)} and polname = ${literal(name)}`

/** A policy as the statement that makes it, with its comment. */
export const policyAsItWas = (where: string): string => `select words from (
    select 0 as turn, format('create policy %I on %I.%I as %s for %s to %s', polname, n.nspname, c.relname,
        case when polpermissive then 'permissive' else 'restrictive' end,
        case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
        (select string_agg(case r when 0 then 'public' else quote_ident(pg_get_userbyid(r)) end, ', ') from unnest(polroles) r))
      || coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', '')
      || coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')', '') as words
      from pg_policy p join pg_class c on c.oid = polrelid join pg_namespace n on n.oid = c.relnamespace where ${where}
    union all select 1, format('comment on policy %I on %I.%I is %L', polname, n.nspname, c.relname, d.description)
      from pg_policy p join pg_class c on c.oid = polrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_description d on d.classoid = 'pg_policy'::regclass and d.objoid = p.oid where ${where}
  ) p order by turn`

/** ALTER POLICY gives a condition and takes none away: the old policy is made anew, in the transaction in which this one goes. */
export function policyBefore(statement: TreeNode): string | null {
  const relation = child(statement, 'table')
  if (relation === null) return null
  const table = asNamed(relation)
  const name = text(statement, 'policy_name') ?? ''
  const drop = `drop policy ${shown(name)} on ${shownNamed({ schema: table.schema ?? 'public', name: table.name })}`
  const where = policyOf(table, name)
  return `select words from (
    select 0 as part, ${literal(drop)} as words where exists (select from pg_policy where ${where})
    union all select 1, words from (${policyAsItWas(where)}) old
  ) w order by part`
}
