import { readServiceFile, type ServiceLine } from '../../engines/postgres/index.ts'
import { poolOf, wholeNumber } from '../pool-settings.ts'
import { edited, linesOf, newLine, withoutLine } from './edit.ts'
import { chosen, wrong, type ConnectionFields, type SettingsFormat } from './format.ts'
import { editsOf, partNamed, variablesOf, type PlacedPart } from './parts.ts'

/** libpq's own file of named connections; `#KEY` is the service. */
export const pgService: SettingsFormat = {
  name: 'pg_service.conf',
  isFor: (base) => base.endsWith('pg_service.conf'),
  find(text, file, key) {
    const services = Map.groupBy(readServiceFile(text), ({ service }) => service)
    const [service, lines] = chosen(services, { file, key, what: 'service' })
    const nested = lines.find(({ keyword }) => keyword === 'service')
    if (nested)
      throw wrong(
        `${file}:${linesOf(text)(nested.from)}`,
        `service ${service} names another service, which libpq refuses`,
        'Write its keywords out.',
      )
    const ldap = lines.find(({ keyword }) => keyword.startsWith('ldap:'))
    if (ldap)
      throw wrong(
        `${file}:${linesOf(text)(ldap.from)}`,
        `service ${service} is looked up by LDAP, which is not asked`,
        'Write its keywords out.',
      )
    const parts = lines.flatMap(partOf)
    return {
      keys: lines.map(({ keyword }) => `${service}.${keyword}`),
      url: null,
      variables: variablesOf(parts),
      pool: poolOf({ connectMs: wholeNumber(lines.find(({ keyword }) => keyword === 'connect_timeout')?.value, 1000) }),
      problem: null,
      write: (fields) => write(text, file, parts, fields),
    }
  },
  entries(text) {
    const lineOf = linesOf(text)
    return readServiceFile(text).map(({ service, keyword, value, from }) => ({
      key: `${service}.${keyword}`,
      value,
      isSecret: keyword.endsWith('password'),
      line: lineOf(from),
    }))
  },
}

function partOf({ keyword, value, from, to }: ServiceLine): readonly PlacedPart[] {
  const part = partNamed(keyword)
  return part === null ? [] : [{ part, value, from, to }]
}

const write = (text: string, file: string, parts: readonly PlacedPart[], fields: ConnectionFields): string =>
  edited(
    text,
    editsOf(parts, fields, {
      spell: (value, { from }) => spelled(value, `${file}:${linesOf(text)(from)}`),
      add: (part, value) => newLine(text, Math.max(...parts.map(({ to }) => to)), `${part}=${spelled(value, file)}`),
      remove: ({ from }) => withoutLine(text, from),
    }),
  )

/** There are no quotes: what white space ends cannot be said; nor can a line that libpq has no room for. */
function spelled(value: string, place: string): string {
  if (value === value.trim() && Buffer.byteLength(value) < 1000) return value
  throw wrong(
    place,
    'a service file has no quotes, and cannot hold a value that begins or ends with a space or has 1000 bytes',
    'Use another value, or a connection string.',
  )
}
