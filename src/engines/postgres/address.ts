import { userInfo } from 'node:os'
import { AntemortemError } from '../../core/error.ts'
import { readKeywords } from './keywords.ts'
import { readService } from './service.ts'

export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

/** Where and how to connect, as libpq would understand the same text. Holds a secret: never printed, never logged. */
export interface Address {
  /** A name, an IP address, or the folder of a socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** null: ask .pgpass when the server wants one. */
  readonly password: string | null
  readonly sslMode: SslMode
  readonly sslRootCert: string | null
  readonly sslCert: string | null
  readonly sslKey: string | null
  readonly passFile: string | null
  /** `options` of the startup packet, as the user gave them. */
  readonly options: string | null
}

/** What may be said of an address: no secret in it. */
export const addressText = (address: Address): string =>
  `${address.host.startsWith('/') ? address.host : `${address.host}:${address.port}`}/${address.database}`

const invalid = (what: string, hint: string): AntemortemError =>
  // Neither the text nor the URL parser's error is passed on: both hold the password.
  new AntemortemError('connection-string-invalid', `the connection string ${what}`, hint, { exit: 2 })

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw invalid('has a % that begins no escape', 'write a literal % as %25')
  }
}

const urlFields = (text: string): Map<string, string> => {
  const fields = new Map<string, string>()
  const keep = (key: string, value: string): void => {
    if (value !== '') fields.set(key, value)
  }
  // An empty host before the path (`postgres:///db?host=/run`) is not a URL when a user stands before it.
  const url = URL.parse(text.replace('@/', '@%00/')) ?? URL.parse(text)
  if (!url) throw invalid('is not a URL', 'write postgres://USER@HOST:PORT/DATABASE, one node in one address')
  keep('user', decoded(url.username))
  keep('password', decoded(url.password))
  keep(
    'host',
    decoded(url.hostname)
      .replace(/^\[(.+)\]$/, '$1')
      .replace('\0', ''),
  )
  keep('port', url.port)
  keep('dbname', decoded(url.pathname.slice(1)))
  for (const [key, value] of url.searchParams) keep(key, value)
  return fields
}

const portOf = (text: string): number => {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw invalid('has a port that is no port', 'give one number from 1 to 65535')
  return port
}

const sslModeOf = (text: string): SslMode => {
  const mode = sslModes.find((known) => known === text)
  if (!mode) throw invalid(`has an unknown sslmode ${text}`, `use one of ${sslModes.join(', ')}`)
  return mode
}

/**
 * Reads a connection string in both of libpq's forms, with libpq's defaults: a service file, the PG* variables, then the
 * user's own name. `env` is an argument so that a contract can be read as another process would see it.
 */
export function readAddress(text: string, env: NodeJS.ProcessEnv = process.env): Address {
  const given = /^postgres(?:ql)?:\/\//i.test(text) ? urlFields(text) : readKeywords(text, invalid)
  const name = given.get('service') ?? env['PGSERVICE']
  const service = name === undefined ? new Map<string, string>() : readService(name, env)
  const field = (key: string, variable: string): string | null =>
    given.get(key) ?? service.get(key) ?? (env[variable] === '' ? undefined : env[variable]) ?? null
  const user = field('user', 'PGUSER') ?? userInfo().username
  const host = field('hostaddr', 'PGHOSTADDR') ?? field('host', 'PGHOST') ?? 'localhost'
  if (host.includes(',')) throw invalid('names several hosts', 'give each node its own entry with one host')
  return {
    host,
    port: portOf(field('port', 'PGPORT') ?? '5432'),
    user,
    database: field('dbname', 'PGDATABASE') ?? user,
    password: field('password', 'PGPASSWORD'),
    sslMode: sslModeOf(field('sslmode', 'PGSSLMODE') ?? 'prefer'),
    sslRootCert: field('sslrootcert', 'PGSSLROOTCERT'),
    sslCert: field('sslcert', 'PGSSLCERT'),
    sslKey: field('sslkey', 'PGSSLKEY'),
    passFile: field('passfile', 'PGPASSFILE'),
    options: field('options', 'PGOPTIONS'),
  }
}
