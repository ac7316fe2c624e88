import { AntemortemError } from '../core/error.ts'
import { redact } from '../core/redact.ts'
import { readAddress } from '../engines/postgres/index.ts'
import { ConnectionSettings } from './connection-settings.ts'
import { connectTimeoutMs, libpqUrl } from './dialect.ts'
import { readEnv, type EnvFile } from './env-file.ts'
import { poolSettings } from './pool-settings.ts'

const prefixes = ['DB', 'DATABASE', 'POSTGRES', 'MYSQL'] as const
const libpqKeys = ['PGHOST', 'PGHOSTADDR', 'PGDATABASE', 'PGUSER', 'PGSERVICE'] as const

/** How the program finds the connection in one file's entries. */
type Found =
  | { readonly kind: 'url'; readonly key: string; readonly url: string; readonly prefix: string }
  /** libpq's variables, as they stand or made of `P_HOST` and its like. */
  | {
      readonly kind: 'variables'
      readonly prefix: string
      readonly env: Readonly<Record<string, string>>
      readonly keys: readonly string[]
    }

/** Reads how an application connects from the text of its settings file. Throws (exit 2) on what names no or several databases. */
export function readSettings(text: string, file: string, key: string | null = null): ConnectionSettings {
  const entries = readEnv(text)
  const found = key === null ? findConnection(entries, file) : findByKey(entries, file, key)
  const pool = poolSettings(entries, found.prefix, found.kind === 'url' ? connectTimeoutMs(found.url) : null)
  if (found.kind === 'variables')
    return new ConnectionSettings(addressOf('postgres://', found.env, file, found.keys), pool, {
      file,
      keys: found.keys,
    })
  const url = libpqUrl(found.url)
  if (url === null)
    throw wrong(file, `${found.key} is no PostgreSQL URL`, 'Other databases are not in this version yet.')
  return new ConnectionSettings(addressOf(url, {}, file, [found.key]), pool, { file, keys: [found.key] })
}

/** Only the file's own variables count, never those of this process. */
function addressOf(url: string, env: Readonly<Record<string, string>>, file: string, keys: readonly string[]) {
  try {
    const address = readAddress(url, { ...env })
    const named = /\/\/[^/?]*@|[?&]user=/.test(url) || env['PGUSER'] !== undefined || env['PGSERVICE'] !== undefined
    if (!named) throw wrong(file, `${keys.join(', ')} name no user`, 'Name the role that the application logs in with.')
    return address
  } catch (error) {
    if (!(error instanceof AntemortemError) || error.code === 'settings') throw error
    throw wrong(file, `${keys.join(', ')}: ${redact(error.message)}`, error.hint)
  }
}

function findConnection(entries: EnvFile, file: string): Found {
  const url = entries.get('DATABASE_URL')?.value
  if (url) return { kind: 'url', key: 'DATABASE_URL', url, prefix: 'DB' }
  const libpq = [...entries].filter(([name]) => /^PG[A-Z]+$/.test(name))
  if (libpqKeys.some((name) => entries.get(name)?.value))
    return { kind: 'variables', prefix: 'DB', env: valuesOf(libpq), keys: libpq.map(([name]) => name) }
  const matching = prefixes.filter((prefix) => isPrefix(entries, prefix))
  const [prefix, ...others] = matching
  if (prefix === undefined)
    throw wrong(file, 'names no database: no DATABASE_URL, no PGHOST, no DB_HOST', 'Name the key: FILE#KEY.')
  if (others.length > 0) {
    const list = matching.map((each) => `${each}_* (line ${lineOf(entries, each)})`).join(', ')
    throw wrong(
      file,
      `names more than one database: ${list}`,
      `Say which: ${matching.map((each) => `${file}#${each}`).join(' or ')}.`,
    )
  }
  return byPrefix(entries, prefix)
}

/** A key that holds a URL, or the prefix of keys that hold its parts (`#DB` for DB_HOST, DB_NAME …). */
function findByKey(entries: EnvFile, file: string, key: string): Found {
  const value = entries.get(key)?.value
  if (value) return { kind: 'url', key, url: value, prefix: key.replace(/_URL$/, '') }
  if (isPrefix(entries, key)) return byPrefix(entries, key)
  const urls = [...entries].filter(([, entry]) => /^\w+(?:\+\w+)?:\/\//.test(entry.value)).map(([name]) => name)
  const known = urls.length > 0 ? ` It has ${urls.join(', ')}.` : ''
  throw wrong(
    file,
    entries.has(key) ? `${key} is empty` : `has no ${key}`,
    `Set ${key} there, or name another key.${known}`,
  )
}

const isPrefix = (entries: EnvFile, prefix: string): boolean =>
  Boolean(entries.get(`${prefix}_HOST`)?.value) || (entries.has(`${prefix}_NAME`) && entries.has(`${prefix}_USER`))

const parts = {
  HOST: 'PGHOST',
  PORT: 'PGPORT',
  NAME: 'PGDATABASE',
  USER: 'PGUSER',
  PASSWORD: 'PGPASSWORD',
  SSLMODE: 'PGSSLMODE',
}

function byPrefix(entries: EnvFile, prefix: string): Found {
  const present = Object.entries(parts).flatMap(([part, variable]) => {
    const entry = entries.get(`${prefix}_${part}`)
    return entry === undefined ? [] : [{ key: `${prefix}_${part}`, variable, value: entry.value }]
  })
  const env = Object.fromEntries(present.map(({ variable, value }) => [variable, value]))
  return { kind: 'variables', prefix, env, keys: present.map(({ key }) => key) }
}

const valuesOf = (
  entries: readonly (readonly [string, { readonly value: string }])[],
): Readonly<Record<string, string>> => Object.fromEntries(entries.map(([name, { value }]) => [name, value]))

const lineOf = (entries: EnvFile, prefix: string): number =>
  (entries.get(`${prefix}_HOST`) ?? entries.get(`${prefix}_NAME`))?.line ?? 1

const wrong = (file: string, message: string, hint: string): AntemortemError =>
  new AntemortemError('settings', `${file}: ${message}`, hint, { exit: 2 })
