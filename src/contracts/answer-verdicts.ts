import { addressText } from '../engines/postgres/index.ts'
import { mostRows } from './canary.ts'
import type { Greeting } from './greeting.ts'
import type { LayerVerdict } from './layer.ts'
import type { UsableTarget } from './targets.ts'

/** A contract that writes has reached a server that takes no writes. */
export function wrongNode({ settings, node, mustWrite }: UsableTarget, server: Greeting): LayerVerdict | null {
  if (!mustWrite || (!server.inRecovery && !server.readOnlyByDefault)) return null
  const where = addressText(settings.address())
  return server.inRecovery
    ? {
        layer: 'role',
        code: '25006',
        message: `${where}: it is a standby, and the contract writes`,
        remedy: `Point ${settings.source.file} at ${node}, or look whether ${node} is still the primary.`,
      }
    : {
        layer: 'role',
        code: '25006',
        message: `${where}: default_transaction_read_only is on for ${settings.user}, and the contract writes`,
        remedy: `Look at pg_db_role_setting for ${settings.user} and its database, and at postgresql.conf.`,
      }
}

/** Whoever is cut off comes back while the server still counts it: the last place is for that one. */
export const lastWalsender = (): LayerVerdict => ({
  layer: 'capacity',
  code: null,
  message: 'one walsender is left for everybody, and a test does not take it: the login was not tried',
  remedy:
    'Raise max_wal_senders, on standbys first, above the number of standbys, subscriptions and backups: one that was cut off holds its place until wal_sender_timeout.',
})

export const notPostgres = (settings: UsableTarget['settings']): LayerVerdict => ({
  layer: 'query',
  code: null,
  message: `${addressText(settings.address())}: the answer is not that of PostgreSQL`,
  remedy: `Compare host and port in ${settings.source.file} with where the server listens.`,
})

export const tooManyRows = (): LayerVerdict => ({
  layer: 'query',
  code: null,
  message: `the canary has more than ${mostRows} rows`,
  remedy: 'Give the canary a where or a limit: a few rows that must be there are enough.',
})

export function tooSlow(took: {
  readonly ms: number
  readonly connectMs: number
  readonly withinMs: number
}): LayerVerdict | null {
  const { ms, connectMs, withinMs } = took
  if (ms <= withinMs) return null
  const parts = `connecting ${Math.round(connectMs)} ms, answering ${Math.round(ms - connectMs)} ms`
  return {
    layer: 'latency',
    code: null,
    message: `answered after ${Math.round(ms)} ms (${parts}); the contract says ${withinMs} ms`,
    remedy: 'Compare with the other paths to this node: one slow path is the network, all of them are the server.',
  }
}
