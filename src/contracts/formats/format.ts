import { AntemortemError } from '../../core/error.ts'
import type { SslMode } from '../../engines/postgres/index.ts'
import type { PoolSettings } from '../connection-settings.ts'

/** A value of a settings file that belongs to a connection to a database. */
export interface Entry {
  /** As people would say it: `DB_HOST`, `production.host`, `ConnectionStrings:Default.Host`. */
  readonly key: string
  readonly value: string
  readonly isSecret: boolean
  readonly line: number
}

/** A connection as it shall be written; null: as it stands. */
export interface ConnectionFields {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | null
  readonly sslMode: SslMode | null
}

/** The connection that a file and a key name. Holds secrets. */
export interface FoundConnection {
  /** Keys that were read, for messages. */
  readonly keys: readonly string[]
  /** In any dialect; null where the file has the parts alone. */
  readonly url: string | null
  /** A standby's own connection, which reaches no database. */
  readonly isReplication?: true
  /** Parts by libpq's variables; what a URL says of the same wins. */
  readonly variables: Readonly<Record<string, string>>
  readonly pool: PoolSettings
  /** Why it is none that we can use, though it can be compared and written: another database's. */
  readonly problem: AntemortemError | null
  /** The whole text with this connection written anew, and nothing else of it. Pure. Throws where the format cannot say it. */
  readonly write: (fields: ConnectionFields) => string
}

/** A kind of settings file: how it is known, read, compared and written. Pure. */
export interface SettingsFormat {
  readonly name: string
  /** By the file's own name, in lower case. */
  readonly isFor: (base: string) => boolean
  /** The connection that the key selects; with null the only one, or the usual one. Throws (exit 2) with line, key and remedy. */
  readonly find: (text: string, file: string, key: string | null) => FoundConnection
  /** All that it says of connections. `named`: keys that the configuration names. */
  readonly entries: (text: string, file: string, named: ReadonlySet<string>) => readonly Entry[]
}

/** What the user must mend in a settings file. Never with a value of it. */
export const wrong = (place: string, message: string, hint: string): AntemortemError =>
  new AntemortemError('settings', `${place}: ${message}`, hint, { exit: 2 })

/** More than any settings file has; what is larger costs time before it can be refused. */
const largest = 262_144

export function assertText(text: string, file: string): void {
  if (text.length > largest)
    throw wrong(
      file,
      `${text.length} characters are more than a settings file has (${largest})`,
      'Name the file from which the application reads its settings.',
    )
  const at = /[\0-\x08\x0e-\x1f\ufffd]/.exec(text)?.index // oxlint-disable-line no-control-regex -- they are what is looked for
  if (at !== undefined)
    throw wrong(
      `${file}:${text.slice(0, at).split('\n').length}`,
      'is no text in UTF-8',
      'Name the file from which the application reads its settings.',
    )
}

const hints = {
  several: (file: string, keys: readonly string[]): string =>
    `Say which: ${keys
      .slice(0, 8)
      .map((key) => `${file}#${key}`)
      .join(' or ')}.`,
  none: (keys: readonly string[]): string =>
    keys.length === 0 ? 'Name another file or key.' : `It has ${keys.slice(0, 8).join(', ')}.`,
}

/** One of several by its key, or the only one. */
export function chosen<T>(
  all: ReadonlyMap<string, T>,
  { file, key, what }: { readonly file: string; readonly key: string | null; readonly what: string },
): readonly [string, T] {
  const keys = [...all.keys()]
  const name = key ?? keys[0]
  if (key === null && keys.length > 1)
    throw wrong(file, `names more than one ${what}: ${keys.slice(0, 8).join(', ')}`, hints.several(file, keys))
  const found = name === undefined ? undefined : all.get(name)
  if (name === undefined || found === undefined)
    throw wrong(file, key === null ? `names no ${what}` : `has no ${what} ${key}`, hints.none(keys))
  return [name, found]
}
