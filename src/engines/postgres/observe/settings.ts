import { z } from 'zod'
import { byText, defineReader, hidden } from '../reader.ts'
import { maskSetting } from '../mask-setting.ts'

const fileLine = z.tuple([z.unknown(), z.unknown(), z.string(), z.string(), z.literal(true), z.unknown()])
const msPerUnit: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** Of a timeout that came with our startup packet, and hides the server's own: what the last line of the files gives it. */
function timeoutInFiles(name: string, raw: unknown): string | null {
  const lines = Array.isArray(raw) ? raw.flatMap((line) => [fileLine.safeParse(line).data ?? []]) : []
  const text = lines.findLast(([, , each]) => each === name)?.[3] ?? ''
  const [, number, unit = 'ms'] = /^(\d+) *(ms|s|min|h|d)?$/.exec(text) ?? []
  return number === undefined ? null : String(Number(number) * (msPerUnit[unit] ?? 1))
}

/**
 * What a new session would get: where our own session has set a value, the one it hides. Settings that say only what this
 * session or this moment is are left out; so is what is hidden and not in the files.
 */
export const settings = defineReader({
  key: 'settings',
  tier: 'slow',
  privilege: 'pg_monitor',
  schema: z.tuple([z.boolean(), z.array(z.tuple([z.string(), z.string().nullable(), z.boolean()]))]),
  sql: `(select json_build_array(pg_has_role('pg_read_all_settings', 'usage'),
      json_agg(json_build_array(name, case when source = 'session' then reset_val else setting end, source = 'client')))
    from pg_settings where name not in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable',
      'application_name', 'client_encoding', 'in_hot_standby', 'seed', 'is_superuser', 'session_authorization', 'role'))`,
  // Without the privilege rows are missing, and a missing row would look like a setting that was taken away.
  map: ([all, rows], { hello, raw }) =>
    all
      ? Object.fromEntries(
          rows
            .flatMap(([name, own, isOurs]): [string, string][] => {
              const value = isOurs ? timeoutInFiles(name, raw('fileSettings')) : (own ?? '')
              return value === null ? [] : [[name, maskSetting(name, value)]]
            })
            .sort(([a], [b]) => byText(a, b)),
        )
      : hidden('pg_settings', hello),
})
