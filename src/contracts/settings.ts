import { AntemortemError } from '../core/error.ts'
import { redact } from '../core/redact.ts'
import { readAddress, type Address } from '../engines/postgres/index.ts'
import { ConnectionSettings } from './connection-settings.ts'
import { libpqUrl } from './dialect.ts'
import { assertText, wrong, type ConnectionFields, type FoundConnection } from './formats/format.ts'
import { formatOf } from './formats/formats.ts'

/** Reads how an application connects from the text of its settings file. Throws (exit 2) on what names no or several databases. */
export function readSettings(text: string, file: string, key: string | null = null): ConnectionSettings {
  const found = foundIn(text, file, key)
  if (found.problem !== null) throw found.problem
  const url = found.url === null ? 'postgres://' : libpqUrl(found.url)
  if (url === null)
    throw wrong(
      file,
      `${found.keys[0] ?? 'the URL'} is no PostgreSQL URL`,
      'Other databases are not in this version yet.',
    )
  return new ConnectionSettings(addressOf(url, file, found), found.pool, {
    file,
    key,
    keys: found.keys,
    isReplication: found.isReplication === true,
  })
}

/**
 * The text of a settings file with one connection written anew: the values of its fields change, every other byte stays. Pure.
 * Throws (exit 2) where the file cannot say them.
 */
export function writeSettings(
  text: string,
  { file, key }: { readonly file: string; readonly key: string | null },
  fields: ConnectionFields,
): string {
  assertWritable(file, fields)
  const lost = text.indexOf('\ufffd')
  if (lost >= 0)
    throw wrong(
      `${file}:${text.slice(0, lost).split('\n').length}`,
      'has bytes that are no UTF-8, and would lose them',
      'Save the file as UTF-8.',
    )
  const found = foundIn(text, file, key)
  return isWritten(found, file, fields) ? text : found.write(fields)
}

/** Nothing is spelt anew that says the same already. What cannot be read says nothing. */
function isWritten(found: FoundConnection, file: string, fields: ConnectionFields): boolean {
  const url = found.url === null ? 'postgres://' : libpqUrl(found.url)
  if (found.problem !== null || url === null) return false
  try {
    const address = addressOf(url, file, found)
    const isSame = (['host', 'port', 'database', 'user', 'password', 'sslMode'] as const).every(
      (field) => fields[field] === null || fields[field] === address[field],
    )
    return isSame && address.others.length === 0
  } catch (error) {
    if (error instanceof AntemortemError) return false
    throw error
  }
}

function foundIn(text: string, file: string, key: string | null): FoundConnection {
  assertText(text, file)
  return formatOf(file).find(text, file, key)
}

/** Only the file's own variables count, never those of this process. */
function addressOf(url: string, file: string, { keys, variables }: FoundConnection): Address {
  try {
    const address = readAddress(url, { ...variables })
    const isNamed =
      /\/\/[^/?]*@|[?&]user=/.test(url) || Boolean(variables['PGUSER']) || variables['PGSERVICE'] !== undefined
    if (!isNamed)
      throw wrong(file, `${keys.join(', ')} name no user`, 'Name the role that the application logs in with.')
    return address
  } catch (error) {
    if (!(error instanceof AntemortemError) || error.code === 'settings') throw error
    throw wrong(file, `${keys.join(', ')}: ${redact(error.message)}`, error.hint)
  }
}

function assertWritable(file: string, { host, port, database, user, password }: ConnectionFields): void {
  const fields = { host, database, user, password }
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) continue
    const isEmpty = value === '' && name !== 'password'
    // oxlint-disable-next-line no-control-regex -- they are what is refused
    if (isEmpty || /[\0-\x1f\x7f\u0085\u2028\u2029\ufffd]/.test(value) || !value.isWellFormed())
      throw wrong(
        file,
        `the new ${name} ${isEmpty ? 'is empty' : 'has a line break or another control character'}`,
        'Such a value is not written into a settings file.',
      )
  }
  if (/[\s,]/.test(host) || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw wrong(file, 'the new host or port is none', 'Write one host, and a port from 1 to 65535.')
}
