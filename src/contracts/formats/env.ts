import type { AntemortemError } from '../../core/error.ts'
import { connectTimeoutMs, urlWith } from '../dialect.ts'
import { readEnv, readEnvLines, type EnvFile } from '../env-file.ts'
import { poolSettings } from '../pool-settings.ts'
import { edited, newLine, withoutLine, type Edit } from './edit.ts'
import { wrong, type ConnectionFields, type Entry, type FoundConnection, type SettingsFormat } from './format.ts'
import { editsOf, partNames, variables, type Part, type PlacedPart } from './parts.ts'

/** `KEY=value` lines: `DATABASE_URL`, libpq's variables, or the parts behind one prefix. What nobody else knows is read so. */
export const env: SettingsFormat = {
  name: '.env',
  isFor: () => true,
  find(text, file, key) {
    const entries = readEnv(text)
    const found = key === null ? findConnection(entries, file) : findByKey(entries, file, key)
    const connection = found.kind === 'url' ? byUrl(text, entries, found) : byParts(text, entries, found)
    return { ...connection, problem: fromElsewhere(text, entries, { file, keys: connection.keys }) }
  },
  entries: (text, _, named) =>
    [...readEnv(text)]
      .filter(
        ([name, { value }]) => ofPrefix.test(name) || ofLibpq.test(name) || isUrl.test(value) || isNamed(name, named),
      )
      .map(([name, { value, line }]): Entry => ({ key: name, value, line, isSecret: isSecretName.test(name) })),
}

/** Of one connection, by its prefix: how it is made, and how many of it there are. */
const words = 'HOST|PORT|NAME|USER|PASSWORD|SSLMODE|POOL_MAX|POOL_MIN|CONNECT_TIMEOUT_MS|QUERY_TIMEOUT_MS'
const ofPrefix = new RegExp(`^(?:DB|DATABASE|POSTGRES|MYSQL)_(?:${words})$`)
const ofLibpq = /^PG[A-Z]+$/
const isUrl = /^(?:jdbc:)?(?:postgres|postgresql|mysql|mariadb)(?:\+\w+)?:\/\//
const isSecretName = /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN)$/

/** `#REPORTS_URL` names that key, `#REPORTS` also REPORTS_HOST and its like. */
const isNamed = (name: string, named: ReadonlySet<string>): boolean =>
  named.has(name) || [...named].some((prefix) => new RegExp(`^(?:${words})$`).test(afterPrefix(name, prefix)))

const afterPrefix = (name: string, prefix: string): string =>
  name.startsWith(`${prefix}_`) ? name.slice(prefix.length + 1) : ''

/** A value of which the environment of the running application has the rest. */
function fromElsewhere(
  text: string,
  entries: EnvFile,
  { file, keys }: { readonly file: string; readonly keys: readonly string[] },
): AntemortemError | null {
  for (const key of keys) {
    const entry = entries.get(key)
    // In single quotes it is what it says; so is a password.
    if (!entry || isSecretName.test(key) || /['`]/.test(text[entry.from] ?? '')) continue
    const name = /(?<!\\)\$\{(\w+)\}/.exec(text.slice(entry.from, entry.to))?.[1]
    if (name !== undefined && !entries.has(name))
      return wrong(
        `${file}:${entry.line}`,
        `${key} takes \${${name}} from elsewhere, and is not known here`,
        `Set ${name} in the file, or name the file that does.`,
      )
  }
  return null
}

const prefixes = ['DB', 'DATABASE', 'POSTGRES', 'MYSQL'] as const
const libpqKeys = ['PGHOST', 'PGHOSTADDR', 'PGDATABASE', 'PGUSER', 'PGSERVICE'] as const

type Found =
  | { readonly kind: 'url'; readonly key: string; readonly url: string; readonly prefix: string }
  /** `keys`: libpq's variables as the file spells them: `PGHOST`, or `DB_HOST`. */
  | { readonly kind: 'parts'; readonly prefix: string; readonly keys: Readonly<Record<string, Part>> }

function findConnection(entries: EnvFile, file: string): Found {
  const url = entries.get('DATABASE_URL')?.value
  if (url) return { kind: 'url', key: 'DATABASE_URL', url, prefix: 'DB' }
  if (libpqKeys.some((name) => entries.get(name)?.value)) return { kind: 'parts', prefix: 'DB', keys: partOfVariable }
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
  return { kind: 'parts', prefix, keys: partsBehind(prefix) }
}

/** A key that holds a URL, or the prefix of keys that hold its parts (`#DB` for DB_HOST, DB_NAME …). */
function findByKey(entries: EnvFile, file: string, key: string): Found {
  const value = entries.get(key)?.value
  if (value) return { kind: 'url', key, url: value, prefix: key.replace(/_URL$/, '') }
  if (isPrefix(entries, key)) return { kind: 'parts', prefix: key, keys: partsBehind(key) }
  const urls = [...entries].filter(([, entry]) => /^\w+(?:\+\w+)?:\/\//.test(entry.value)).map(([name]) => name)
  const known = urls.length > 0 ? ` It has ${urls.join(', ')}.` : ''
  const line = entries.get(key)?.line
  throw wrong(
    line === undefined ? file : `${file}:${line}`,
    line === undefined ? `has no ${key}` : `${key} is empty`,
    `Set ${key} there, or name another key.${known}`,
  )
}

const isPrefix = (entries: EnvFile, prefix: string): boolean =>
  Boolean(entries.get(`${prefix}_HOST`)?.value) || (entries.has(`${prefix}_NAME`) && entries.has(`${prefix}_USER`))

const partOfVariable: Readonly<Record<string, Part>> = Object.fromEntries(
  partNames.map((part): [string, Part] => [variables[part], part]),
)

const partsBehind = (prefix: string): Readonly<Record<string, Part>> => ({
  [`${prefix}_HOST`]: 'host',
  [`${prefix}_PORT`]: 'port',
  [`${prefix}_NAME`]: 'dbname',
  [`${prefix}_USER`]: 'user',
  [`${prefix}_PASSWORD`]: 'password',
  [`${prefix}_SSLMODE`]: 'sslmode',
})

function byUrl(text: string, entries: EnvFile, { key, url, prefix }: Extract<Found, { kind: 'url' }>): FoundConnection {
  return {
    keys: [key],
    url,
    variables: {},
    pool: poolSettings(entries, prefix, connectTimeoutMs(url)),
    problem: null,
    write: (fields) =>
      edited(
        text,
        // A key given twice counts by its last line: all of them are written.
        readEnvLines(text)
          .filter((line) => line.key === key)
          .map(({ value, from, to }): Edit => ({
            from,
            to,
            text: spelled(urlWith(value, fields), { text, from, to }),
          })),
      ),
  }
}

function byParts(text: string, entries: EnvFile, { prefix, keys }: Extract<Found, { kind: 'parts' }>): FoundConnection {
  const present = Object.keys(keys).filter((key) => entries.has(key))
  const ofLibpqToo = keys === partOfVariable ? [...entries].filter(([name]) => ofLibpq.test(name)) : []
  return {
    keys: keys === partOfVariable ? ofLibpqToo.map(([name]) => name) : present,
    url: null,
    variables: Object.fromEntries([
      ...ofLibpqToo.map(([name, { value }]) => [name, value] as const),
      ...present.map((key) => [variables[keys[key] ?? 'host'], entries.get(key)?.value ?? ''] as const),
    ]),
    pool: poolSettings(entries, prefix, null),
    problem: null,
    write: (fields) => writeParts(text, keys, fields),
  }
}

function writeParts(text: string, keys: Readonly<Record<string, Part>>, fields: ConnectionFields): string {
  const parts = readEnvLines(text).flatMap(({ key, value, from, to }): PlacedPart[] => {
    const part = Object.hasOwn(keys, key) ? keys[key] : undefined
    return part === undefined ? [] : [{ part, value, from, to }]
  })
  const keyOf = (part: Part): string | undefined => Object.keys(keys).find((key) => keys[key] === part)
  return edited(
    text,
    editsOf(parts, fields, {
      spell: (value, { from, to }) => spelled(value, { text, from, to }),
      add: (part, value) => {
        const key = keyOf(part)
        return key === undefined
          ? null
          : newLine(text, Math.max(...parts.map(({ to }) => to)), `${key}=${spelled(value, nowhere)}`)
      },
      remove: ({ from }) => withoutLine(text, from),
    }),
  )
}

interface Old {
  readonly text: string
  readonly from: number
  readonly to: number
}

const nowhere: Old = { text: '', from: 0, to: 0 }

/** In the old one's manner where every reader then takes it for the same; else in quotes. */
function spelled(value: string, { text, from, to }: Old): string {
  const quote = /["'`]/.exec(text[from] ?? '')?.[0] ?? ''
  const isBare = /^[A-Za-z][\w+:]*:\/\/[^\s'"`\\$;|<>()*!#]*$|^[\w./:@%+,=~-]*$/.test(value) && text[to] !== '#'
  const double = `"${value.replace(/[\\"`$]/g, String.raw`\$&`)}"`
  if (quote === '' && isBare) return value
  if (quote === '"' && !/[\\"`$]/.test(value)) return double
  return value.includes("'") ? double : `'${value}'`
}

const lineOf = (entries: EnvFile, prefix: string): number =>
  (entries.get(`${prefix}_HOST`) ?? entries.get(`${prefix}_NAME`))?.line ?? 1
