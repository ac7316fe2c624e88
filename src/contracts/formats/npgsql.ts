import type { Part } from './parts.ts'

/** `Keyword=value` of an ADO.NET connection string, and where its value stands in it, quotes included. */
export interface NpgsqlWord {
  /** As it is spelt. */
  readonly keyword: string
  readonly value: string
  readonly from: number
  readonly to: number
}

const pair = /[\s;]*((?:[^=;]|==)+?)\s*=(?!=)[ \t]*("(?:[^"]|"")*"|'(?:[^']|'')*'|[^;]*)/y

/** Pure. What is no pair ends the reading. */
export function npgsqlWords(text: string): readonly NpgsqlWord[] {
  const found: NpgsqlWord[] = []
  pair.lastIndex = 0
  for (let match = pair.exec(text); match; match = pair.exec(text)) {
    const [whole, keyword = '', raw = ''] = match
    const spelt = raw.trimEnd()
    const from = match.index + whole.length - raw.length
    const quote = /^["']/.exec(spelt)?.[0] ?? ''
    const isQuoted = quote !== '' && spelt.length > 1 && spelt.endsWith(quote)
    const value = isQuoted ? spelt.slice(1, -1).replaceAll(quote + quote, quote) : spelt
    found.push({ keyword: keyword.trim().replaceAll('==', '='), value, from, to: from + spelt.length })
  }
  return found
}

/** A value as it can stand there. */
export function npgsqlValue(value: string): string {
  if (value !== '' && !/[;'"=]|^\s|\s$/.test(value)) return value
  if (!value.includes('"')) return `"${value}"`
  return value.includes("'") ? `"${value.replaceAll('"', '""')}"` : `'${value}'`
}

const words: Readonly<Record<string, Part>> = {
  host: 'host',
  server: 'host',
  port: 'port',
  database: 'dbname',
  db: 'dbname',
  username: 'user',
  userid: 'user',
  uid: 'user',
  user: 'user',
  password: 'password',
  pwd: 'password',
  psw: 'password',
  sslmode: 'sslmode',
  rootcertificate: 'sslrootcert',
  sslcertificate: 'sslcert',
  sslkey: 'sslkey',
  passfile: 'passfile',
  options: 'options',
  targetsessionattributes: 'target_session_attrs',
}

/** A keyword without its case and spaces, as Npgsql compares them. */
export const npgsqlName = (keyword: string): string => keyword.toLowerCase().replace(/[\s_]/g, '')

export const npgsqlPart = (keyword: string): Part | null => {
  const name = npgsqlName(keyword)
  return Object.hasOwn(words, name) ? (words[name] ?? null) : null
}

/** Words that Npgsql does not have, and other databases' drivers do. */
export const isOfAnotherDatabase = (keyword: string): boolean =>
  /^(?:datasource|initialcatalog|multipleactiveresultsets|attachdbfilename|trustedconnection|charset|allowuservariables|mode|cache|accountendpoint|driver|provider)$/.test(
    npgsqlName(keyword),
  )

const keywords: Readonly<Partial<Record<Part, string>>> = {
  host: 'Host',
  port: 'Port',
  dbname: 'Database',
  user: 'Username',
  password: 'Password',
  sslmode: 'SSL Mode',
}

export const npgsqlKeyword = (part: Part): string | null => keywords[part] ?? null

/** `VerifyFull` is libpq's `verify-full`. */
export const fromNpgsql = (part: Part, value: string): string => {
  if (part === 'sslmode') return value.toLowerCase().replace(/^verify(?=ca|full)/, 'verify-')
  return part === 'target_session_attrs' ? value.toLowerCase() : value
}

export const toNpgsql = (part: Part, value: string): string =>
  part === 'sslmode'
    ? value
        .split('-')
        .map((word) => (word === 'ca' ? 'CA' : word.slice(0, 1).toUpperCase() + word.slice(1)))
        .join('')
    : value

/** Several hosts have their ports behind them. */
export function hostsAndPorts(
  host: string,
  port: string | undefined,
): { readonly host: string; readonly port: string } {
  const places = host.split(',').map((each) => /^(\[[^\]]+\]|[^:]*):(\d+)$/.exec(each.trim()) ?? [each, each.trim()])
  const ports = places.map(([, , own]) => own ?? port ?? '5432')
  return { host: places.map(([, name]) => (name ?? '').replace(/^\[(.*)\]$/, '$1')).join(','), port: ports.join(',') }
}
