import { z } from 'zod'
import { byText, defineReader, hidden } from '../reader.ts'
import { maskSetting } from '../mask-setting.ts'

/**
 * What a new session would get: where our own session has set a value, the one it hides. Settings that say only what this
 * session or this moment is are left out.
 */
export const settings = defineReader({
  key: 'settings',
  tier: 'slow',
  privilege: 'pg_monitor',
  schema: z.tuple([z.boolean(), z.array(z.tuple([z.string(), z.string().nullable()]))]),
  sql: `(select json_build_array(pg_has_role('pg_read_all_settings', 'usage'),
      json_agg(json_build_array(name, case when source = 'session' then reset_val else setting end)))
    from pg_settings where name not in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable',
      'application_name', 'client_encoding', 'in_hot_standby', 'seed', 'is_superuser', 'session_authorization', 'role'))`,
  // Without the privilege rows are missing, and a missing row would look like a setting that was taken away.
  map: ([all, rows], { hello }) =>
    all
      ? Object.fromEntries(
          rows
            .map(([name, value]): [string, string] => [name, maskSetting(name, value ?? '')])
            .sort(([a], [b]) => byText(a, b)),
        )
      : hidden('pg_settings', hello),
})
