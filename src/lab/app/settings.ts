import { readFileSync } from 'node:fs'

/** What an instance needs to know; its own file says it, and is read again when it changes. */
export interface Settings {
  readonly primary: Endpoint
  /** By node name. */
  readonly reads: Readonly<Record<string, string>>
  readonly queryTimeoutMs: number
  readonly connectTimeoutMs: number
  /** Of each pool. */
  readonly poolMax: number
  readonly poolMin: number
}

export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  /** As `pg` takes it: false is no TLS. */
  readonly ssl: false | { readonly rejectUnauthorized: boolean }
}

/** `READ_REPORTS_URL` for node `reports`. */
export const readKey = (node: string): string => `READ_${node.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_URL`

/** `KEY=value` lines; what is no such line is passed over. */
export function parseEnv(text: string): Readonly<Record<string, string>> {
  const pairs = text
    .split('\n')
    .map((line) => /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line))
    .filter((match) => match !== null)
  return Object.fromEntries(pairs.map(([, key = '', value = '']) => [key, value.replace(/^(["'])(.*)\1$/, '$2')]))
}

export const printEnv = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')

export function readSettings(file: string, nodes: readonly string[]): Settings {
  const env = parseEnv(readFileSync(file, 'utf8'))
  return {
    primary: {
      host: env['DB_HOST'] ?? '',
      port: Number(env['DB_PORT']),
      database: env['DB_NAME'] ?? '',
      user: env['DB_USER'] ?? '',
      password: env['DB_PASSWORD'] ?? '',
      ssl: tlsOf(env['DB_SSLMODE'] ?? 'disable'),
    },
    reads: Object.fromEntries(nodes.map((node) => [node, env[readKey(node)] ?? ''])),
    queryTimeoutMs: Number(env['DB_QUERY_TIMEOUT_MS'] ?? 2000),
    connectTimeoutMs: Number(env['DB_CONNECT_TIMEOUT_MS'] ?? 2000),
    poolMax: Number(env['DB_POOL_MAX'] ?? 2),
    poolMin: Number(env['DB_POOL_MIN'] ?? 0),
  }
}

/** The driver knows no "prefer": without a demand there is no TLS. */
function tlsOf(mode: string): Endpoint['ssl'] {
  if (mode === 'require') return { rejectUnauthorized: false }
  return mode.startsWith('verify') ? { rejectUnauthorized: true } : false
}
