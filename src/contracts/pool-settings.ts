import type { PoolSettings } from './connection-settings.ts'
import type { EnvFile } from './env-file.ts'

/** Applications that set none wait for ever; a probe that does so would say nothing. */
const defaults = { connectTimeoutMs: 5_000, queryTimeoutMs: 5_000 }
const longestMs = 60_000

/** `P_POOL_MAX, P_POOL_MIN, P_CONNECT_TIMEOUT_MS, P_QUERY_TIMEOUT_MS`: of the connection's own prefix, else of a usual one. */
export function poolSettings(entries: EnvFile, prefix: string, connectMs: number | null): PoolSettings {
  const number = (name: string): number | null => {
    for (const each of new Set([prefix, 'DB', 'DATABASE', 'POSTGRES', 'MYSQL'])) {
      const value = entries.get(`${each}_${name}`)?.value ?? ''
      if (/^\d{1,7}$/.test(value)) return Number(value)
    }
    return null
  }
  const seconds = entries.get('PGCONNECT_TIMEOUT')?.value ?? ''
  const libpqMs = /^\d{1,4}$/.test(seconds) && Number(seconds) > 0 ? Number(seconds) * 1_000 : null
  const timeout = (value: number | null, otherwise: number): number =>
    value === null || value === 0 ? otherwise : Math.min(value, longestMs)
  return {
    poolMax: number('POOL_MAX'),
    poolMin: number('POOL_MIN'),
    connectTimeoutMs: timeout(number('CONNECT_TIMEOUT_MS') ?? connectMs ?? libpqMs, defaults.connectTimeoutMs),
    queryTimeoutMs: timeout(number('QUERY_TIMEOUT_MS'), defaults.queryTimeoutMs),
  }
}
