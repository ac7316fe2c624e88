import { literal } from '../../../engines/postgres/rows/sql.ts'
import { asNamed, type Named } from '../../change/relations.ts'
import { child, type TreeNode } from '../../change/tree.ts'
import { shownNamed } from '../names.ts'
import { givenByDefault } from './default-privileges.ts'
import { relationOid } from './named-in-sql.ts'

/** A view that nothing else is built on, as rows in turn: its definition, owner, grants and comments, as it was. */
export const viewAsItWas = (oid: string): string => `with view as materialized (
    select c.oid, c.relnamespace, c.relowner, c.relacl, c.reloptions, format('%I.%I', n.nspname, c.relname) as shown
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid = ${oid} and c.relkind = 'v'
      and not exists (select from pg_depend d join pg_rewrite w on w.oid = d.objid
        where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and w.ev_class <> c.oid)
      and not exists (select from pg_trigger t where t.tgrelid = c.oid)
      and not exists (select from pg_attribute a where a.attrelid = c.oid and (a.atthasdef or a.attacl is not null)))
  select turn, words from (
    select 0 as turn, format('create view %s%s as %s', shown,
      coalesce(' with (' || array_to_string(reloptions, ', ') || ')', ''), rtrim(pg_get_viewdef(oid), '; ')) as words from view
    union all select 1, format('alter view %s owner to %I', shown, pg_get_userbyid(relowner)) from view
    union all select 2, format('revoke all on %s from %s', shown, g.grantee)
      from view v, lateral (${givenByDefault('r', 'v.relnamespace', 'v.relowner')}) g
    union all select 3, format('grant %s on %s to %s%s', a.privilege_type, shown,
        case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
        case when a.is_grantable then ' with grant option' else '' end) from view, aclexplode(relacl) a where a.grantee <> relowner
    union all select 4, format(case d.objsubid when 0 then 'comment on view %1$s is %2$L' else 'comment on column %1$s.%3$I is %2$L' end,
        shown, d.description, t.attname) from view v
      join pg_description d on d.classoid = 'pg_class'::regclass and d.objoid = v.oid
      left join pg_attribute t on t.attrelid = v.oid and t.attnum = d.objsubid and d.objsubid > 0
  ) w`

/** `create or replace view`: the old one, for which the new one goes first, because a column less is refused otherwise. */
export function viewBefore(statement: TreeNode): string | null {
  const relation = child(statement, 'view')
  if (relation === null) return null
  const named: Named = asNamed(relation)
  const oid = relationOid(named)
  const drop = literal(`drop view ${shownNamed({ schema: named.schema ?? 'public', name: named.name })}`)
  return `select words from (
    select -1 as turn, ${drop} as words where ${oid} is null or exists (select from (${viewAsItWas(oid)}) old)
    union all select turn, words from (${viewAsItWas(oid)}) old
  ) w order by turn, words`
}
