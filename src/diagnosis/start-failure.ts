import type { Case } from '../core/diagnosis.ts'
import type { LogEntryFact } from '../core/facts/cluster.ts'
import { goodNode } from './last-good.ts'
import { compare } from './look.ts'
import { hostOf, logOf, ownFatals, startedMs } from './server-log.ts'

/** Why a server did not start, in its own words: the setting that it refuses, and where it stands. */
export interface StartFailure {
  readonly entry: LogEntryFact
  /** Null where the words name none that is known. */
  readonly setting: string | null
  /** `postgresql.conf:42`, where the log or the file itself says it. */
  readonly place: string | null
  readonly value: string | null
}

/** Words of a start that fails because of its configuration (PostgreSQL 15 to 18), with the setting that they speak of. */
const patterns: readonly (readonly [RegExp, string | null])[] = [
  [/could not (?:access|load) (?:file|library) "/, 'shared_preload_libraries'],
  [/incompatible library "|must be loaded via "?shared_preload_libraries/, 'shared_preload_libraries'],
  [/WAL archival cannot be enabled|WAL streaming .* requires "?wal_level/, 'wal_level'],
  [/logical replication slot .* exists, but "?wal_level"? </, 'wal_level'],
  [/physical replication slot .* exists, but "?wal_level"? </, 'wal_level'],
  [
    /(?:logical|physical) replication slots? .*"?max_replication_slots"?|too many replication slots active/,
    'max_replication_slots',
  ],
  [/could not load (?:\S*\/)?pg_hba\.conf/, 'pg_hba.conf'],
  [/could not load (?:server )?certificate file|server certificate/, 'ssl_cert_file'],
  [/private key file/, 'ssl_key_file'],
  [/root certificate file/, 'ssl_ca_file'],
  [/could not map anonymous shared memory|could not create shared memory segment/, 'shared_buffers'],
  [/could not create semaphores/, 'max_connections'],
  [/could not create any (?:TCP\/IP|Unix-domain) sockets/, 'listen_addresses'],
  [/invalid value for parameter "([\w.]+)"/, null],
  [/invalid list syntax in parameter "([\w.]+)"/, null],
  [/unrecognized configuration parameter "([\w.]+)"/, null],
  [/parameter "([\w.]+)" (?:requires|cannot|must)/, null],
  [/([a-z_]+)"? is outside the valid range for parameter "([\w.]+)"/, null],
  [/configuration file "?.*"? contains errors/, null],
  [/recovery aborted because of insufficient parameter settings/, null],
  [/must specify "?restore_command|"?([a-z_]+)"? must be (?:less|greater|set|specified|at least)/, null],
]
/** A lock file says that another server runs, a port in use too: no setting is wrong. */
const isOther = /lock file "|Address already in use|is another postmaster/

export function startFailure(c: Case, node: string): StartFailure | null {
  const fatals = ownFatals(c, node).filter(({ message }) => !isOther.test(message))
  for (const entry of fatals.toReversed()) {
    const known = patterns.find(([words]) => words.test(entry.message))
    const named = known?.[1] ?? settingIn(c, node, entry)
    if (!known && named === null) continue
    const setting = named ?? fromFile(c, node)?.name ?? null
    return { entry, setting, ...placeOf(c, node, entry, setting) }
  }
  return null
}

/** A setting that the words name: in quotes, or as one that the node is known to have. */
function settingIn(c: Case, node: string, { message, detail }: LogEntryFact): string | null {
  const text = `${message} ${detail ?? ''}`
  const words = [...text.matchAll(/(?:parameter|setting)s? "([\w.]+)"|"?\b([a-z]+(?:_[a-z]+)+)\b"?/g)].flatMap(
    ([, quoted, bare]) => [quoted ?? bare ?? ''],
  )
  const known = new Set([
    ...Object.keys(goodNode(c, node)?.settings ?? {}),
    ...(hostOf(c, node)?.configured.map(({ name }) => name) ?? []),
  ])
  const quoted = /parameter "([\w.]+)"/.exec(text)?.[1]
  return quoted ?? words.find((word) => known.has(word)) ?? null
}

/** The lines before `contains errors` name the setting or its place; without them, the line of the file that is none. */
function fromFile(c: Case, node: string): { readonly name: string } | null {
  const host = hostOf(c, node)
  const before = logOf(c, node).filter(({ lastMs }) => lastMs > startedMs(c, node))
  for (const { message } of before) {
    const named = /parameter "([\w.]+)"/.exec(message)?.[1]
    const [, file, line] = /in file "([^"]+)",?(?: near)? line (\d+)/.exec(message) ?? []
    const there = host?.configured.find((each) => each.file === file && String(each.line) === line)
    const name = named ?? there?.name
    if (name !== undefined) return { name }
  }
  const [line] = (host?.misconfigured ?? []).toSorted((a, b) => compare(a.file, b.file) || a.line - b.line)
  const word = /^\s*([\w.]+)/.exec(line?.text ?? '')?.[1]
  return word === undefined ? null : { name: word }
}

function placeOf(
  c: Case,
  node: string,
  { message, detail, context }: LogEntryFact,
  setting: string | null,
): Pick<StartFailure, 'place' | 'value'> {
  const host = hostOf(c, node)
  const own = host?.configured.findLast(({ name }) => name === setting)
  if (own) return { place: `${own.file}:${own.line}`, value: own.value }
  const broken = host?.misconfigured.find(({ text }) => setting !== null && text.includes(setting))
  if (broken) return { place: `${broken.file}:${broken.line}`, value: broken.text }
  const said = /file "([^"]+)",? line (\d+)|line (\d+) of configuration file "([^"]+)"/.exec(
    [message, detail, context].join(' '),
  )
  if (!said) return { place: null, value: null }
  return { place: `${said[1] ?? said[4] ?? ''}:${said[2] ?? said[3] ?? ''}`, value: null }
}
