import { wrong, type ConnectionFields } from './formats/format.ts'

/**
 * A database URL as applications write it, in the form that libpq knows: other people's drivers add a scheme of their own, and
 * a few of their parameters decide how the connection is made. Null for another database's URL.
 */
export function libpqUrl(text: string): string | null {
  const url = text
    .trim()
    // JDBC may leave the host out: `jdbc:postgresql:auth`.
    .replace(/^jdbc:(postgres(?:ql)?:)(?!\/\/)\/?/i, '$1//localhost/')
    .replace(/^jdbc:/i, '')
    .replace(/^(postgres(?:ql)?)\+\w+:/i, '$1:')
  if (!/^postgres(?:ql)?:\/\//i.test(url)) return null
  const mark = url.indexOf('?')
  if (mark < 0) return url
  const query = new URLSearchParams(url.slice(mark + 1))
  // Prisma and JDBC name the schema; libpq has it among the options of the session.
  const schema = query.get('schema') ?? query.get('currentSchema')
  if (schema && !query.has('options')) query.set('options', `-c search_path=${schema}`)
  // node-postgres and JDBC say `ssl=true`; node-postgres has a mode of its own that looks at no certificate.
  if (!query.has('sslmode') && /^(?:true|1)$/i.test(query.get('ssl') ?? '')) query.set('sslmode', 'require')
  if (query.get('sslmode') === 'no-verify') query.set('sslmode', 'require')
  const target = targets[query.get('targetServerType') ?? '']
  if (target !== undefined && !query.has('target_session_attrs')) query.set('target_session_attrs', target)
  return `${url.slice(0, mark)}?${query.toString().replaceAll('+', '%20')}`
}

/** JDBC's words for which of several hosts is wanted. `preferPrimary` has none in libpq: the order of the hosts decides. */
const targets: Readonly<Record<string, string>> = {
  primary: 'read-write',
  master: 'read-write',
  secondary: 'read-only',
  slave: 'read-only',
  preferSecondary: 'prefer-standby',
  preferSlave: 'prefer-standby',
}

/** Seconds, as libpq and most others mean it. */
export function connectTimeoutMs(url: string): number | null {
  const mark = url.indexOf('?')
  const seconds = mark < 0 ? null : new URLSearchParams(url.slice(mark + 1)).get('connect_timeout')
  return seconds !== null && /^\d{1,4}$/.test(seconds) && Number(seconds) > 0 ? Number(seconds) * 1_000 : null
}

const form = /^((?:jdbc:)?[a-z]\w*(?:\+\w+)?:\/\/)(?:([^/?#]*)@)?[^/?#]*(?:\/[^?#]*)?(?:\?([^#]*))?/i
/** Of the old address: where it was, who came, and how it was trusted. */
const ofTheWay = /^(?:host|hostaddr|port|user|password|dbname|target_session_attrs|targetServerType|service|passfile)$/i
const ofTls = /^ssl\w*$/i

/** The same URL with another connection: its dialect and its other parameters stay. A plain one where there was none. Throws (exit 2) for a database that no URL can name. Pure. */
export function urlWith(
  old: string | null,
  { host, port, database, user, password, sslMode }: ConnectionFields,
  options: { /** false: the login stands elsewhere, unless the old URL names one. */ readonly login?: boolean } = {},
): string {
  // What reads URLs takes these for the way up a folder, however they are written.
  if (/^\.\.?$/.test(database))
    throw wrong('the URL', `cannot name the database "${database}"`, 'Give the database another name.')
  const [, scheme = 'postgresql://', before = '', query = ''] = form.exec(old?.trim() ?? '') ?? []
  const isJdbc = /^jdbc:/i.test(scheme)
  const pairs = query.split('&').filter((pair) => pair !== '')
  const wordOf = (pair: string): string => pair.split('=')[0] ?? ''
  const kept = pairs.filter((pair) => !ofTheWay.test(wordOf(pair)) && !(sslMode !== null && ofTls.test(wordOf(pair))))
  const oldUser = pairs.find((pair) => wordOf(pair) === 'user')
  const oldPassword = pairs.find((pair) => wordOf(pair) === 'password')
  const hasLogin = options.login !== false || before !== '' || oldUser !== undefined
  const secret = password === null ? null : encodeURIComponent(password)
  // Of a JDBC URL all is a parameter; elsewhere the login stands before the host.
  const inQuery = isJdbc && hasLogin
  const login = inQuery
    ? [`user=${encodeURIComponent(user)}`, ...(secret === null ? asList(oldPassword) : [`password=${secret}`])]
    : []
  const oldSecret = /:(.*)$/s.exec(before)?.[1] ?? oldPassword?.slice('password='.length)
  const word = secret ?? oldSecret
  const authority = isJdbc || !hasLogin ? '' : `${encodeURIComponent(user)}${word === undefined ? '' : `:${word}`}@`
  const all = [...login, ...kept, ...(sslMode === null ? [] : [`sslmode=${sslMode}`])]
  const place = host.includes(':') ? `[${host}]` : encodeURIComponent(host)
  const tail = all.length === 0 ? '' : `?${all.join('&')}`
  return `${scheme}${authority}${place}:${port}/${encodeURIComponent(database)}${tail}`
}

const asList = (text: string | undefined): readonly string[] => (text === undefined ? [] : [text])
