import { literal } from '../../../engines/postgres/rows/sql.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { roleNames } from './named-in-sql.ts'

/** Membership of roles: as it was, with its options (INHERIT and SET are of 16 and later), or none. */
export function grantedRolesBefore(statement: TreeNode): string | null {
  const members = roleNames(list(statement, 'grantee_roles'))
  const roles = list(statement, 'granted_roles').map((role) => text(child(role, 'AccessPriv'), 'priv_name'))
  if (members === null || roles.includes(null)) return null
  const names = (all: readonly (string | null)[]): string => all.map((name) => literal(name ?? '')).join(', ')
  return `select case when m.roleid is null then format('revoke %I from %I', r.rolname, g.rolname)
      else format('grant %I to %I', r.rolname, g.rolname) || case
        when to_jsonb(m) ? 'inherit_option' then format(' with admin %s, inherit %s, set %s', m.admin_option::text,
          to_jsonb(m) ->> 'inherit_option', to_jsonb(m) ->> 'set_option')
        when m.admin_option then ' with admin option' else '' end end as words
    from pg_roles r cross join pg_roles g
    left join pg_auth_members m on m.roleid = r.oid and m.member = g.oid
    where r.rolname in (${names(roles)}) and g.rolname in (${names(members)}) order by words`
}
