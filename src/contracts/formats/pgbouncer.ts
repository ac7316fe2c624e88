import { poolOf, wholeNumber } from '../pool-settings.ts'
import { edited, type Edit } from './edit.ts'
import { chosen, wrong, type ConnectionFields, type Entry, type SettingsFormat } from './format.ts'
import { readIni, type IniLine } from './ini-file.ts'
import { editsOf, partNamed, variablesOf, type PlacedPart } from './parts.ts'

/** The pooler's own file: where each of its databases leads to; `#KEY` is the name under `[databases]`. */
export const pgbouncer: SettingsFormat = {
  name: 'pgbouncer.ini',
  isFor: (base) => base.endsWith('.ini'),
  find(text, file, key) {
    const lines = readIni(text)
    const databases = new Map(lines.filter(isDatabase).map((line) => [line.key, line]))
    const includes = /^\s*%include/m.test(text)
    if (includes && ![key ?? '', '*'].some((each) => databases.has(each)))
      throw wrong(
        file,
        `names ${key ?? 'no database'} in none of its own lines, and files that it includes are not read`,
        'Name the included file.',
      )
    const isFallback = key !== null && !databases.has(key) && databases.has('*')
    const [name, line] = chosen(databases, { file, key: isFallback ? '*' : key, what: 'database' })
    const words = wordsOf(line)
    const lineOf = (setting: string): IniLine | undefined =>
      lines.findLast((each) => each.section === 'pgbouncer' && each.key === setting)
    const pooler = (setting: string): string | undefined => lineOf(setting)?.value
    const of = (word: string): string | undefined => words.findLast(({ keyword }) => keyword === word)?.value
    const parts = words.flatMap(({ keyword, value, from, to }): PlacedPart[] => {
      const part = partNamed(keyword)
      return part === null ? [] : [{ part, value, from, to }]
    })
    if (of('dbname') === undefined && name === '*' && (key === null || key === '*'))
      throw wrong(`${file}:${line.line}`, '* is every database', `Say which: ${file}#NAME.`)
    const database = of('dbname') ?? (name === '*' ? (key ?? '') : name)
    return {
      keys: words.filter(({ keyword }) => partNamed(keyword) !== null).map(({ keyword }) => `${name}.${keyword}`),
      url: null,
      variables: {
        PGHOST: pooler('unix_socket_dir') ?? '/tmp',
        PGSSLMODE: pooler('server_tls_sslmode') ?? 'prefer',
        ...(pooler('server_tls_ca_file') !== undefined && { PGSSLROOTCERT: pooler('server_tls_ca_file') ?? '' }),
        ...variablesOf(parts),
        PGDATABASE: database,
      },
      pool: poolOf({
        max: wholeNumber(of('pool_size') ?? pooler('default_pool_size')),
        min: wholeNumber(of('min_pool_size') ?? pooler('min_pool_size')),
        connectMs: wholeNumber(pooler('server_connect_timeout'), 1000),
        queryMs: wholeNumber(pooler('query_timeout'), 1000),
      }),
      problem: problemOf(`${file}:${line.line}`, name, { of, pooler }),
      write: (fields) => write(text, { line, database, parts, tls: lineOf('server_tls_sslmode') }, fields),
    }
  },
  entries: (text) =>
    readIni(text).flatMap((line): readonly Entry[] => {
      if (line.section === 'pgbouncer') return [{ key: line.key, value: line.value, line: line.line, isSecret: false }]
      if (!isDatabase(line)) return []
      return wordsOf(line).map(({ keyword, value }) => ({
        key: `${line.key}.${keyword}`,
        value,
        line: line.line,
        isSecret: keyword === 'password',
      }))
    }),
}

type Look = (word: string) => string | undefined

function problemOf(place: string, name: string, { of, pooler }: { readonly of: Look; readonly pooler: Look }) {
  if (of('user') === undefined)
    return wrong(
      place,
      `${name} names no user: the pooler logs in to the server as each of its clients`,
      "Test the application's own settings, which lead through the pooler, or name a user there.",
    )
  if (of('password') !== undefined || pooler('auth_file') === undefined) return null
  return wrong(
    place,
    `${name} names no password: the pooler has it from its auth_file, which is not read`,
    "Test the application's own settings, which lead through the pooler, or name a password there.",
  )
}

const isDatabase = ({ section }: IniLine): boolean => section === 'databases'

interface Word {
  readonly keyword: string
  readonly value: string
  readonly from: number
  readonly to: number
}

const pair = /\s*(\w+)\s*=\s*('(?:[^']|'')*'|[^\s']*)/y

function wordsOf({ value, from }: IniLine): readonly Word[] {
  const found: Word[] = []
  pair.lastIndex = 0
  for (let match = pair.exec(value); match; match = pair.exec(value)) {
    const [whole, keyword = '', raw = ''] = match
    const to = from + match.index + whole.length
    const plain = raw.startsWith("'") ? raw.slice(1, -1).replaceAll("''", "'") : raw
    found.push({ keyword, value: plain, from: to - raw.length, to })
  }
  return found
}

interface Place {
  readonly line: IniLine
  readonly database: string
  readonly parts: readonly PlacedPart[]
  /** One setting for all databases. */
  readonly tls: IniLine | undefined
}

function write(text: string, { line, database, parts, tls }: Place, fields: ConnectionFields): string {
  const end = line.to
  const added: string[] = []
  const all = tls === undefined ? parts : [...parts, { ...tls, part: 'sslmode' as const }]
  const edits = editsOf(all, fields, {
    spell: (value, { part }) => (part === 'sslmode' ? value : spelled(value)),
    add: (part, value): Edit | null => {
      // Where the file says nothing of TLS, nothing is said: it would be for all databases.
      if (part !== 'sslmode' && (part !== 'dbname' || value !== database)) added.push(`${part}=${spelled(value)}`)
      return null
    },
    remove: ({ from, to }) => ({ from, to, text: "''" }),
  })
  const tail = added.map((word) => ` ${word}`).join('')
  return edited(text, [...edits, { from: end, to: end, text: line.value === '' ? tail.trimStart() : tail }])
}

const spelled = (value: string): string => (/^[\w./:@%+,~-]+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`)
