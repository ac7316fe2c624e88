import { literal } from '../../../engines/postgres/rows/sql.ts'
import { asNamed } from '../../change/relations.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { granteesIn, objectFunction, relationOid, roleNames } from './named-in-sql.ts'

/** Each object with all that was granted on it before; the columns of a table with their own. */
interface Objects {
  readonly rows: string
  /** Whether all that the statement names were found. */
  readonly isWhole: string
}

const relations = (where: string): string =>
  `select c.oid, case c.relkind when 'S' then 'sequence' else 'table' end as kind, format('%I.%I', n.nspname, c.relname) as shown,
    c.relowner as owner,
    coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's'::"char" else 'r'::"char" end, c.relowner)) as acl
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${where}`

const routines = (where: string): string =>
  `select 0::oid as oid, 'routine' as kind,
    format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as shown,
    p.proowner as owner, coalesce(p.proacl, acldefault('f', p.proowner)) as acl
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${where}`

function named(statement: TreeNode): Objects | null {
  const objects = list(statement, 'objects')
  const count = new Set(objects.map((object) => JSON.stringify(object))).size
  const names = objects.map((object) => literal(text(child(object, 'String'), 'sval') ?? '')).join(', ')
  const whole = (rows: string): Objects => ({ rows, isWhole: `(select count(*) from object) = ${count}` })
  switch (text(statement, 'objtype')) {
    case 'OBJECT_TABLE':
    case 'OBJECT_SEQUENCE': {
      const oids = objects.map((object) => relationOid(asNamed(child(object, 'RangeVar') ?? {})))
      return whole(relations(`c.oid in (${oids.join(', ')})`))
    }
    case 'OBJECT_SCHEMA':
      return whole(`select 0::oid as oid, 'schema' as kind, quote_ident(nspname) as shown, nspowner as owner,
          coalesce(nspacl, acldefault('n', nspowner)) as acl from pg_namespace where nspname in (${names})`)
    case 'OBJECT_DATABASE':
      return whole(`select 0::oid as oid, 'database' as kind, quote_ident(datname) as shown, datdba as owner,
          coalesce(datacl, acldefault('d', datdba)) as acl from pg_database where datname in (${names})`)
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE': {
      const oids = objects.map((object) => objectFunction(child(object, 'ObjectWithArgs')))
      return oids.includes(null) ? null : whole(routines(`p.oid in (${oids.join(', ')})`))
    }
    default:
      return null
  }
}

/** `on all … in schema`: those that are there; what the change makes there itself goes with its grants. */
function allInSchema(statement: TreeNode): Objects | null {
  const schemas = [...new Set(list(statement, 'objects').map((object) => text(child(object, 'String'), 'sval') ?? ''))]
  const names = schemas.map(literal).join(', ')
  const isWhole = `(select count(*) from pg_namespace where nspname in (${names})) = ${schemas.length}`
  const inside = (what: string): string => `n.nspname in (${names}) and ${what}`
  switch (text(statement, 'objtype')) {
    case 'OBJECT_TABLE':
      return { rows: relations(inside(`c.relkind in ('r', 'v', 'm', 'f', 'p')`)), isWhole }
    case 'OBJECT_SEQUENCE':
      return { rows: relations(inside(`c.relkind = 'S'`)), isWhole }
    case 'OBJECT_FUNCTION':
      return { rows: routines(inside(`p.prokind <> 'p'`)), isWhole }
    case 'OBJECT_PROCEDURE':
      return { rows: routines(inside(`p.prokind = 'p'`)), isWhole }
    case 'OBJECT_ROUTINE':
      return { rows: routines(inside('true')), isWhole }
    default:
      return null
  }
}

function objectsOf(statement: TreeNode): Objects | null {
  const target = text(statement, 'targtype')
  if (target === 'ACL_TARGET_ALL_IN_SCHEMA') return allInSchema(statement)
  return target === 'ACL_TARGET_OBJECT' ? named(statement) : null
}

/**
 * GRANT and REVOKE on objects: all is taken from these grantees, and what they had is given again, objects with the same together.
 * What others have granted than the owner neither statement touches.
 */
export function grantedBefore(statement: TreeNode): string | null {
  const grantees = roleNames(list(statement, 'grantees'))
  const objects = objectsOf(statement)
  if (objects === null || grantees === null) return null
  const shown = `string_agg(o.shown, ', ' order by o.shown)`
  return `with object as materialized (${objects.rows}),
    ${granteesIn(grantees)}
  select words from (
    select 0 as turn, format('revoke all on %s %s from %s', o.kind, ${shown}, g.shown) as words
      from object o, grantee g group by o.kind, g.shown
    union all
    select 1, format('grant %s on %s %s to %s%s', o.privileges, o.kind, ${shown}, o.grantee,
        case when o.is_grantable then ' with grant option' else '' end)
      from (select o.kind, o.shown, g.shown as grantee, a.is_grantable,
          string_agg(a.privilege_type, ', ' order by a.privilege_type) as privileges
        from object o, aclexplode(o.acl) a join grantee g on g.oid = a.grantee where a.grantor = o.owner
        group by o.kind, o.shown, g.shown, a.is_grantable) o
      group by o.privileges, o.kind, o.grantee, o.is_grantable
    union all
    select 2, format('grant %s (%I) on %s %s to %s%s', a.privilege_type, t.attname, o.kind, o.shown, g.shown,
        case when a.is_grantable then ' with grant option' else '' end)
      from object o join pg_attribute t on t.attrelid = o.oid and t.attacl is not null, aclexplode(t.attacl) a
      join grantee g on g.oid = a.grantee where a.grantor = o.owner
    union all select 3, '' where not exists (select from object)
  ) w where ${objects.isWhole}
  order by turn, words`
}
