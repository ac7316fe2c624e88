import { z } from 'zod'

/** A role, as far as others must be able to name it: nobody logs in as it in a copy. */
export interface RoleDdl {
  readonly name: string
  readonly memberOf: readonly string[]
}

/** All but the system's own. */
export const roles = `select r.rolname as name,
    array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid order by 1) as "memberOf"
  from pg_roles r where r.rolname !~ '^pg_' order by 1`

export const roleRow: z.ZodType<RoleDdl> = z.object({ name: z.string(), memberOf: z.array(z.string()) })
