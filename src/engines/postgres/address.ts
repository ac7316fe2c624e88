import { userInfo } from 'node:os'
import { AntemortemError } from '../../core/error.ts'
import { readKeywords } from './keywords.ts'
import { readService } from './service.ts'

export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

export const targetSessions = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const
export type TargetSession = (typeof targetSessions)[number]

export interface Place {
  /** A name, an IP address, or the folder of a socket. */
  readonly host: string
  readonly port: number
}

/** Where and how to connect, as libpq would understand the same text. Holds a secret: never printed, never logged. */
export interface Address extends Place {
  /** Further hosts of the same text, tried in order where the one before does not answer. */
  readonly others: readonly Place[]
  /** `target_session_attrs`: a server of another kind counts as one that does not answer. */
  readonly targetSession: TargetSession
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
  `${[address, ...address.others].map(placeText).join(',')}/${address.database}`

const placeText = ({ host, port }: Place): string => (host.startsWith('/') ? host : `${host}:${port}`)

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
  // Several hosts are libpq's own addition to what a URL is.
  const several = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]*,[^/?#@]*)(.*)$/is.exec(text)
  const single = several ? `${several[1]}several${several[3]}` : text
  // An empty host before the path (`postgres:///db?host=/run`) is not a URL when a user stands before it.
  const url = URL.parse(single.replace('@/', '@%00/')) ?? URL.parse(single)
  if (!url) throw invalid('is not a URL', 'write postgres://USER@HOST:PORT/DATABASE')
  keep('user', decoded(url.username))
  keep('password', decoded(url.password))
  keep(
    'host',
    decoded(url.hostname)
      .replace(/^\[(.+)\]$/, '$1')
      .replace('\0', ''),
  )
  keep('port', url.port)
  if (several?.[2] !== undefined) {
    const parts = several[2].split(',').map((part) => /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(part))
    if (parts.includes(null)) throw invalid('has a host that is none', 'write HOST:PORT,HOST:PORT')
    fields.set('host', parts.map((part) => decoded(part?.[1] ?? '').replace(/^\[(.+)\]$/, '$1')).join(','))
    fields.set('port', parts.map((part) => part?.[2] ?? '').join(','))
  }
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

/** One port is for every host; else each host has its own, and an empty one is the usual. */
function placesOf(hosts: string, ports: string): readonly [Place, ...Place[]] {
  const numbers = ports.split(',').map((port) => portOf(port.trim() === '' ? '5432' : port))
  const places = hosts.split(',').map((host, n): Place => ({
    host: host.trim() === '' ? 'localhost' : host.trim(),
    port: (numbers.length === 1 ? numbers[0] : numbers[n]) ?? 0,
  }))
  const [first, ...others] = places
  if (!first || (numbers.length > 1 && numbers.length !== places.length))
    throw invalid(`has ${places.length} hosts and ${numbers.length} ports`, 'give one port, or one for each host')
  return [first, ...others]
}

const targetSessionOf = (text: string): TargetSession => {
  const target = targetSessions.find((known) => known === text)
  if (!target) throw invalid('has an unknown target_session_attrs', `use one of ${targetSessions.join(', ')}`)
  return target
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
  const hosts = field('hostaddr', 'PGHOSTADDR') ?? field('host', 'PGHOST') ?? 'localhost'
  const [{ host, port }, ...others] = placesOf(hosts, field('port', 'PGPORT') ?? '5432')
  return {
    host,
    port,
    others,
    targetSession: targetSessionOf(field('target_session_attrs', 'PGTARGETSESSIONATTRS') ?? 'any'),
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
