import { poolOf } from '../pool-settings.ts'
import { edited, linesOf, newLine, type Edit } from './edit.ts'
import { wrong, type ConnectionFields, type Entry, type SettingsFormat } from './format.ts'
import { phpConstants, type PhpConstant } from './php-constants.ts'

/** WordPress' own file. It is read as text and never run; usually it is about MySQL. */
export const wpConfig: SettingsFormat = {
  name: 'wp-config.php',
  isFor: (base) => /^wp-config.*\.php$/.test(base),
  find(text, file, key) {
    const constants = phpConstants(text)
    const prefix = key ?? 'DB'
    const lineOf = linesOf(text)
    const place = (constant: PhpConstant): string => `${file}:${lineOf(constant.from)}`
    const known = (name: string): Known | null => {
      const all = constants.filter((each) => each.name === `${prefix}_${name}`)
      const [first, second] = all
      if (first === undefined) return null
      if (second !== undefined)
        throw wrong(
          place(second),
          `${first.name} is defined here and on line ${lineOf(first.from)}: which one holds is not known without running the file`,
          'Leave one of them.',
        )
      return { constant: first, value: first.value }
    }
    const [host, database, user, password] = [known('HOST'), known('NAME'), known('USER'), known('PASSWORD')]
    if (host === null || database === null)
      throw wrong(file, `defines no ${prefix}_${host === null ? 'HOST' : 'NAME'}`, 'Name the file that defines them.')
    const found = [host, database, user, password].flatMap((each) => each ?? [])
    const { keys, variables } = named({ host, database, user, password })
    const computed = found.find(({ value }) => value === null)
    const isPostgres = constants.some(({ name, value }) => name.startsWith('PG4WP_') || isPostgresDriver(name, value))
    const problem =
      computed !== undefined
        ? wrong(
            place(computed.constant),
            `${computed.constant.name} is computed, and not known without running the file`,
            'Write its value there, or name the file from which it comes.',
          )
        : isPostgres
          ? null
          : wrong(
              place(host.constant),
              `${keys.join(', ')} are of MySQL, with which WordPress works`,
              "Other databases are not in this version yet. Where the site runs on PG4WP, say so there: define('DB_DRIVER', 'pgsql').",
            )
    return {
      keys,
      url: null,
      variables,
      pool: poolOf({}),
      problem,
      write: (fields) => write(text, prefix, { host, database, user, password }, fields, isPostgres ? 5432 : 3306),
    }
  },
  entries(text, _, given) {
    const prefixes = new Set(['DB', ...given])
    const seen = new Map<string, number>()
    const lineOf = linesOf(text)
    return phpConstants(text).flatMap(({ name, value, from, to }): Entry[] => {
      if (![...prefixes].some((prefix) => name.startsWith(`${prefix}_`)) && !name.startsWith('PG4WP_')) return []
      const times = (seen.get(name) ?? 0) + 1
      seen.set(name, times)
      const isSecret = /PASSWORD|SECRET/.test(name)
      return [
        {
          key: times === 1 ? name : `${name}[${times}]`,
          value: value ?? text.slice(from, to),
          isSecret,
          line: lineOf(from),
        },
      ]
    })
  },
}

interface Known {
  readonly constant: PhpConstant
  readonly value: string | null
}

interface Four {
  readonly host: Known
  readonly database: Known
  readonly user: Known | null
  readonly password: Known | null
}

const isPostgresDriver = (name: string, value: string | null): boolean =>
  name === 'DB_DRIVER' && /^(?:pg|postgres)/i.test(value ?? '')

function named({ host, database, user, password }: Four) {
  const { host: name, port } = hostAndPort(host.value ?? '')
  return {
    keys: [host, database, user, password].flatMap((each) => (each === null ? [] : each.constant.name)),
    variables: {
      PGHOST: name,
      ...(port !== '' && { PGPORT: port }),
      PGDATABASE: database.value ?? '',
      PGUSER: user?.value ?? '',
      PGPASSWORD: password?.value ?? '',
    },
  }
}

/** `db1:5433`, `[::1]:5433`, `localhost:/run/postgresql`. */
function hostAndPort(text: string): { readonly host: string; readonly port: string } {
  const socket = /^[^:]*:(\/.*)$/.exec(text)?.[1]
  if (socket !== undefined) return { host: socket, port: '' }
  const [, inBrackets, host = text, port = ''] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? []
  return { host: inBrackets ?? host, port }
}

function write(text: string, prefix: string, four: Four, fields: ConnectionFields, usualPort: number): string {
  const present = hostAndPort(four.host.value ?? '')
  const isSame = four.host.value !== null && present.host === fields.host && portOf(present.port) === fields.port
  const place = fields.host.includes(':') ? `[${fields.host}]` : fields.host
  const hasPort = present.port !== '' || fields.port !== usualPort
  const host = fields.host.startsWith('/') ? `localhost:${fields.host}` : `${place}${hasPort ? `:${fields.port}` : ''}`
  if (fields.host.startsWith('/') && fields.port !== usualPort)
    throw wrong(
      `line ${linesOf(text)(four.host.constant.from)}`,
      `${four.host.constant.name} cannot say a port beside the folder of a socket`,
      'Write a host.',
    )
  const wanted: readonly (readonly [string, Known | null, string | null])[] = [
    ['HOST', four.host, isSame ? null : host],
    ['NAME', four.database, fields.database],
    ['USER', four.user, fields.user],
    ['PASSWORD', four.password, fields.password],
  ]
  return edited(
    text,
    wanted.flatMap(([name, known, value]): Edit[] => {
      if (value === null || known?.value === value) return []
      if (known === null)
        return [
          newLine(text, endOf(text, four.database.constant), `define('${prefix}_${name}', ${quoted(value, "'")});`),
        ]
      return [written(text, known.constant, value)]
    }),
  )

  function portOf(port: string): number {
    return port === '' ? usualPort : Number(port)
  }
}

const endOf = (text: string, { to }: PhpConstant): number => Math.max(to, text.indexOf(';', to))

function written(text: string, { name, value, from, to }: PhpConstant, wanted: string): Edit {
  if (value === null)
    throw wrong(
      `line ${linesOf(text)(from)}`,
      `${name} is computed, and is not written`,
      'Write its value there first.',
    )
  return { from, to, text: quoted(wanted, text[from] ?? "'") }
}

const quoted = (value: string, quote: string): string =>
  quote === '"' ? `"${value.replace(/[\\"$]/g, String.raw`\$&`)}"` : `'${value.replace(/[\\']/g, String.raw`\$&`)}'`
