import { AntemortemError } from '../../core/error.ts'
import { readAddress } from '../../engines/postgres/index.ts'
import { child, text } from '../change/tree.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import { closedDatabase } from '../files/closed-database.ts'
import { settingOf } from '../files/settings-of.ts'
import { literal } from '../fill/sql.ts'

/** Where a real node listens, and its copy. */
export interface NodePlace {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly copyPort: number
}

export interface Copies {
  /** The one that the copy has. */
  readonly database: string
  readonly places: readonly NodePlace[]
  /** Of a role in the copy; empty for one that may not log in. */
  readonly password: (role: string) => string
}

/** What becomes of a statement in the copy: run as it is, in other words, or not at all. */
export type StandIn =
  | { readonly kind: 'as-it-is' }
  | { readonly kind: 'instead'; readonly sql: string; readonly why: string | null }
  | { readonly kind: 'withheld'; readonly why: string }

/** The copy's own, or what it must not do: run commands of the real host, read logs elsewhere. */
const ofCopy =
  /^(?:port|listen_addresses|unix_socket_\w+|data_directory|hba_file|ident_file|config_file|external_pid_file|cluster_name|log_(?:directory|filename|destination|line_prefix|timezone)|logging_collector|lc_messages|syslog_\w+|event_source|shared_memory_type|huge_pages)$/
const commands =
  /^(?:archive_command|archive_library|restore_command|archive_cleanup_command|recovery_end_command|ssl_passphrase_command)$/
/** They do nothing to anybody, on any host; `true` and `false` alone are read as a setting's on and off. */
const inert = /^(?:|on|off|(?:\/bin\/|\/usr\/bin\/)?(?:true|false))$/

/**
 * A connection string in a change leads to production: in the copy it would have the copy's servers drain production's slots. It
 * leads to the copy of the node that it means instead, and to nobody where it means no node that is known. Pure.
 */
export function standIn(statement: ChangeStatement, copies: Copies): StandIn {
  const { tree, sql } = statement
  const setting = settingOf(tree)
  if (setting !== null && setting.value !== null) {
    const { name, value } = setting
    if (ofCopy.test(name)) return { kind: 'withheld', why: `${name} is the copy's own` }
    if (commands.test(name) && !inert.test(value.trim()))
      return { kind: 'withheld', why: `${name} would run a command of the real host` }
    if (name === 'primary_conninfo') return replaced(sql, value, copies)
  }
  if (closedDatabase(tree) === copies.database)
    return { kind: 'withheld', why: 'without its database there would be nothing left to look at' }
  if (child(tree, 'CreateTableSpaceStmt')) return { kind: 'withheld', why: 'its directory is one of the real host' }
  if (child(tree, 'CopyStmt')?.['is_program'] === true)
    return { kind: 'withheld', why: 'it would run a program on this host' }
  const conninfo =
    text(child(tree, 'CreateSubscriptionStmt'), 'conninfo') ?? text(child(tree, 'AlterSubscriptionStmt'), 'conninfo')
  return conninfo === null ? { kind: 'as-it-is' } : replaced(sql, conninfo, copies)
}

function replaced(sql: string, conninfo: string, copies: Copies): StandIn {
  const { text: local, why } = localConninfo(conninfo, copies)
  const spelt = [conninfo, conninfo.replaceAll("'", "''")].map((words) => `'${words}'`)
  const found = spelt.find((words) => sql.includes(words))
  return found === undefined
    ? { kind: 'withheld', why: 'its connection string is spelt so that the copy cannot give it another one' }
    : { kind: 'instead', sql: sql.replace(found, () => literal(local)), why }
}

/** A port on which nothing listens: whoever is sent there meets what he would meet at a wrong address. */
const nowhere = 1

function localConninfo(
  conninfo: string,
  { places, password }: Copies,
): { readonly text: string; readonly why: string | null } {
  const address = addressOf(conninfo)
  const place = places.find(({ host, port }) => host === address?.host && port === address.port)
  const user = address?.user ?? 'postgres'
  const words = {
    host: '127.0.0.1',
    port: String(place?.copyPort ?? nowhere),
    user,
    password: password(user),
    dbname: address?.database ?? 'postgres',
  }
  const local = Object.entries(words)
    .map(([name, value]) => `${name}='${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
    .join(' ')
  if (place) return { text: local, why: null }
  const where = address === null ? 'its connection string' : `${address.host}:${address.port}`
  return { text: local, why: `${where} is the address of no node of the cluster: in the copy it leads to nobody` }
}

function addressOf(conninfo: string) {
  try {
    return readAddress(conninfo)
  } catch (error) {
    if (error instanceof AntemortemError) return null
    throw error
  }
}
