import { z } from 'zod'
import { maskSetting } from '../mask-setting.ts'
import { byText, defineReader, tooMany } from '../reader.ts'

const most = 10_000
const text = z.string().nullable()

/** Of every role and database of the server: everybody may read them, so that a secret in one is no secret; we do not keep it. */
export const roleSettings = defineReader({
  key: 'roleSettings',
  tier: 'slow',
  schema: z
    .array(z.tuple([text, text, z.string()]))
    .nullable()
    .transform((rows) => rows ?? []),
  sql: `(select json_agg(json_build_array(role, datname, setting)) from (
      select case when s.setrole <> 0 then pg_get_userbyid(s.setrole) end as role, d.datname, c.setting
      from pg_db_role_setting s left join pg_database d on d.oid = s.setdatabase
      cross join lateral unnest(s.setconfig) c(setting) limit ${most + 1}) r)`,
  map: (rows) =>
    rows.length > most
      ? tooMany('settings of roles and databases', most)
      : rows
          .map(([role, database, setting]) => {
            const at = setting.indexOf('=')
            const name = setting.slice(0, at)
            return { role, database, name, value: maskSetting(name, setting.slice(at + 1)) }
          })
          .sort(
            (a, b) =>
              byText(a.role ?? '', b.role ?? '') ||
              byText(a.database ?? '', b.database ?? '') ||
              byText(a.name, b.name),
          ),
})
