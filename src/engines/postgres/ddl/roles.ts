import { z } from 'zod'

/** A role without its password, which a reading role may not see. */
export interface RoleDdl {
  readonly name: string
  /** As `create role` spells them: `login createdb connection limit 5`. */
  readonly attributes: string
  readonly memberOf: readonly string[]
}

const flags = Object.entries({
  rolcanlogin: 'login',
  rolsuper: 'superuser',
  rolcreatedb: 'createdb',
  rolcreaterole: 'createrole',
  rolreplication: 'replication',
  rolbypassrls: 'bypassrls',
  rolinherit: 'inherit',
}).map(([column, word]) => `case when r.${column} then '${word}' else 'no${word}' end`)

/** All but the system's own. */
export const roles = `select r.rolname as name,
    concat_ws(' ', ${flags.join(', ')}, case when r.rolconnlimit <> -1 then format('connection limit %s', r.rolconnlimit) end,
      case when isfinite(r.rolvaliduntil) then format('valid until %L', r.rolvaliduntil) end) as attributes,
    array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid order by 1) as "memberOf"
  from pg_roles r where r.rolname !~ '^pg_' order by 1`

export const roleRow: z.ZodType<RoleDdl> = z.object({
  name: z.string(),
  attributes: z.string(),
  memberOf: z.array(z.string()),
})
