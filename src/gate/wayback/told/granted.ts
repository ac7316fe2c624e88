import { literal } from '../../../engines/postgres/rows/sql.ts'
import { asNamed } from '../../change/relations.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { objectFunction, relationOid, roleNames } from './named-in-sql.ts'

/** Each object with all that was granted on it before; the columns of a table with their own. */
function objectsOf(statement: TreeNode): string | null {
  const objects = list(statement, 'objects')
  const names = objects.map((object) => literal(text(child(object, 'String'), 'sval') ?? '')).join(', ')
  switch (text(statement, 'objtype')) {
    case 'OBJECT_TABLE':
    case 'OBJECT_SEQUENCE': {
      const oids = objects.map((object) => relationOid(asNamed(child(object, 'RangeVar') ?? {})))
      return `select c.oid, format('%s %I.%I', case c.relkind when 'S' then 'sequence' else 'table' end, n.nspname, c.relname)
          as shown, c.relowner as owner,
          coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r'::"char" end, c.relowner)) as acl
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid in (${oids.join(', ')})`
    }
    case 'OBJECT_SCHEMA':
      return `select 0::oid as oid, format('schema %I', nspname) as shown, nspowner as owner,
          coalesce(nspacl, acldefault('n', nspowner)) as acl from pg_namespace where nspname in (${names})`
    case 'OBJECT_DATABASE':
      return `select 0::oid as oid, format('database %I', datname) as shown, datdba as owner,
          coalesce(datacl, acldefault('d', datdba)) as acl from pg_database where datname in (${names})`
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE': {
      const oids = objects.map((object) => objectFunction(child(object, 'ObjectWithArgs')))
      if (oids.includes(null)) return null
      return `select 0::oid as oid, format('routine %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
          as shown, p.proowner as owner, coalesce(p.proacl, acldefault('f', p.proowner)) as acl
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.oid in (${oids.join(', ')})`
    }
    default:
      return null
  }
}

/**
 * GRANT and REVOKE on objects: all is taken from these grantees, and what they had is given again. What others have granted than
 * the owner neither statement touches.
 */
export function grantedBefore(statement: TreeNode): string | null {
  const grantees = roleNames(list(statement, 'grantees'))
  const objects = text(statement, 'targtype') === 'ACL_TARGET_OBJECT' ? objectsOf(statement) : null
  if (objects === null || grantees === null) return null
  const option = `case when a.is_grantable then ' with grant option' else '' end`
  return `with object as materialized (${objects}),
    grantee as (select name, case name when 'public' then 0 else (select r.oid from pg_roles r where r.rolname = name) end as oid,
      case name when 'public' then name else quote_ident(name) end as shown
      from unnest(array[${grantees.map(literal).join(', ')}]::text[]) as name)
  select words from (
    select 0 as turn, format('revoke all on %s from %s', o.shown, g.shown) as words from object o, grantee g
    union all
    select 1, format('grant %s on %s to %s%s', a.privilege_type, o.shown, g.shown, ${option})
      from object o, aclexplode(o.acl) a join grantee g on g.oid = a.grantee where a.grantor = o.owner
    union all
    select 2, format('grant %s (%I) on %s to %s%s', a.privilege_type, t.attname, o.shown, g.shown, ${option})
      from object o join pg_attribute t on t.attrelid = o.oid and t.attacl is not null, aclexplode(t.attacl) a
      join grantee g on g.oid = a.grantee where a.grantor = o.owner
  ) w where (select count(*) from object) = ${new Set(list(statement, 'objects').map((object) => JSON.stringify(object))).size}
  order by turn, words`
}
