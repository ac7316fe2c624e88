import { z } from 'zod'
import { byText, defineReader, tooMany } from '../reader.ts'

const most = 10_000

/** pg_roles, because pg_authid is nobody's to read. An end in the infinite past has ended, one in the infinite future never comes. */
export const roles = defineReader({
  key: 'roles',
  tier: 'slow',
  schema: z
    .array(z.tuple([z.string(), z.boolean(), z.boolean(), z.boolean(), z.number(), z.number().nullable()]))
    .nullable()
    .transform((rows) => rows ?? []),
  sql: `(select json_agg(json_build_array(rolname, rolcanlogin, rolsuper, rolreplication, rolconnlimit,
      case when isfinite(rolvaliduntil) then extract(epoch from rolvaliduntil)
        when rolvaliduntil = '-infinity' then 0 end))
    from (select * from pg_roles where rolname not like 'pg\\_%' limit ${most + 1}) r)`,
  map: (rows) =>
    rows.length > most
      ? tooMany('roles', most)
      : rows
          .map(([name, canLogin, superuser, replication, connectionLimit, validUntil]) => ({
            name,
            canLogin,
            superuser,
            replication,
            connectionLimit,
            validUntilMs: validUntil === null ? null : Math.round(validUntil * 1000),
          }))
          .sort((a, b) => byText(a.name, b.name)),
})
