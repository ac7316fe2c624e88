import { actingRole } from '../../../engines/postgres/ddl/words-before.ts'
import { literal } from '../../../engines/postgres/rows/sql.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { granteesIn, roleNames } from './named-in-sql.ts'

/** By the parser's name: the statement's word, the letter in pg_default_acl, and acldefault's. */
const kinds: Readonly<Record<string, { readonly word: string; readonly kept: string; readonly usual: string }>> = {
  OBJECT_TABLE: { word: 'tables', kept: 'r', usual: 'r' },
  OBJECT_SEQUENCE: { word: 'sequences', kept: 'S', usual: 's' },
  OBJECT_FUNCTION: { word: 'functions', kept: 'f', usual: 'f' },
  OBJECT_TYPE: { word: 'types', kept: 'T', usual: 'T' },
  OBJECT_SCHEMA: { word: 'schemas', kept: 'n', usual: 'n' },
}

/**
 * ALTER DEFAULT PRIVILEGES: all is taken from these grantees, and what they were to have is given again. Where nothing is kept,
 * everywhere means what every object has, and in one schema nothing beside that. Without FOR ROLE it is for the role that acts.
 */
export function defaultPrivilegesBefore(statement: TreeNode): string | null {
  const action = child(statement, 'action')
  const kind = kinds[text(action, 'objtype') ?? '']
  const grantees = roleNames(list(action, 'grantees'))
  const named = option(statement, 'roles')
  const roles = roleNames(named)
  if (kind === undefined || grantees === null || roles === null) return null
  const { word, kept, usual } = kind
  const schemas = new Set(option(statement, 'schemas').map((schema) => text(child(schema, 'String'), 'sval') ?? ''))
  const schema =
    schemas.size === 0
      ? 'select 0::oid as oid, null::name as nspname'
      : `select oid, nspname from pg_namespace where nspname in (${[...schemas].map(literal).join(', ')})`
  const role = roles.length === 0 ? `= ${actingRole}` : `in (${roles.map(literal).join(', ')})`
  const count = Math.max(1, new Set(roles).size) * Math.max(1, schemas.size)
  return `with place as materialized (
      select format('alter default privileges for role %I ', r.rolname)
          || case s.oid when 0 then '' else format('in schema %I ', s.nspname) end as head,
        coalesce(d.defaclacl, case s.oid when 0 then acldefault('${usual}', r.oid) end) as acl
      from pg_roles r cross join (${schema}) s
      left join pg_default_acl d on d.defaclrole = r.oid and d.defaclnamespace = s.oid and d.defaclobjtype = '${kept}'
      where r.rolname ${role}),
    ${granteesIn(grantees)}
  select words from (
    select 0 as turn, format('%srevoke all on ${word} from %s', p.head, g.shown) as words from place p, grantee g
    union all select 1, format('%sgrant %s on ${word} to %s%s', p.head, string_agg(a.privilege_type, ', ' order by a.privilege_type),
        g.shown, case when a.is_grantable then ' with grant option' else '' end)
      from place p, aclexplode(p.acl) a join grantee g on g.oid = a.grantee group by p.head, g.shown, a.is_grantable
  ) w where (select count(*) from place) = ${count} order by turn, words`
}

/** The names behind FOR ROLE or IN SCHEMA. */
const option = (statement: TreeNode, name: string): readonly unknown[] =>
  list(statement, 'options')
    .map((each) => child(each, 'DefElem'))
    .filter((element) => text(element, 'defname') === name)
    .flatMap((element) => list(child(child(element, 'arg'), 'List'), 'items'))

/**
 * Whom default privileges of anybody give something on what is made anew there, public among them, as `grantee`: what comes back
 * shall have what it had, and nothing beside that.
 */
export const givenByDefault = (kept: 'r' | 'f', schema: string, owner: string): string =>
  `select distinct case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
    from pg_default_acl d, aclexplode(d.defaclacl) a
    where d.defaclobjtype = '${kept}' and d.defaclnamespace in (0, ${schema}) and a.grantee <> ${owner}`
