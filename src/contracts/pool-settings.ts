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
  return poolOf({
    max: number('POOL_MAX'),
    min: number('POOL_MIN'),
    connectMs: number('CONNECT_TIMEOUT_MS') ?? connectMs ?? libpqMs,
    queryMs: number('QUERY_TIMEOUT_MS'),
  })
}

/** What a file says of the pool, where it says anything; a probe never waits longer than a minute. */
export function poolOf(said: {
  readonly max?: number | null
  readonly min?: number | null
  readonly connectMs?: number | null
  readonly queryMs?: number | null
}): PoolSettings {
  const timeout = (value: number | null | undefined, otherwise: number): number =>
    value === null || value === undefined || value === 0 ? otherwise : Math.min(value, longestMs)
  return {
    poolMax: said.max ?? null,
    poolMin: said.min ?? null,
    connectTimeoutMs: timeout(said.connectMs, defaults.connectTimeoutMs),
    queryTimeoutMs: timeout(said.queryMs, defaults.queryTimeoutMs),
  }
}

/** A number as files write it; null for anything else. */
export const wholeNumber = (text: string | undefined, times = 1): number | null =>
  text !== undefined && /^\d{1,7}$/.test(text.trim()) ? Number(text) * times : null
