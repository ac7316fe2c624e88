import type { NodeView, Snapshot } from '../core/snapshot.ts'
import { subject } from '../core/subject.ts'
import type { Login } from './logins.ts'

/** What a new session of a login begins with, and whose word it is. */
export interface SessionDefault {
  readonly value: string
  /** In the form of a subject: the role's setting, the database's, or the server's own. */
  readonly object: string
}

/** As the server decides it: of role and database together, of the role, of the database, of all, and then its files. */
export function sessionDefault(snapshot: Snapshot, login: Login, name: string): SessionDefault | null {
  const node = snapshot.nodes.find((one) => one.name === login.node)
  if (!node) return null
  const own = ofRole(node, login, name)
  if (own !== null) return own
  const { settings } = node.facts
  const value = settings.seen ? settings.value[name] : undefined
  return value === undefined ? null : { value, object: subject.setting(node.name, name) }
}

function ofRole(node: NodeView, { role, database }: Login, name: string): SessionDefault | null {
  const { roleSettings } = node.facts
  if (!roleSettings.seen) return null
  const ranked = roleSettings.value
    .filter((one) => one.name === name && (one.role ?? role) === role && (one.database ?? database) === database)
    .map((one) => ({ ...one, rank: (one.role === null ? 0 : 2) + (one.database === null ? 0 : 1) }))
    .sort((a, b) => b.rank - a.rank)
  const [first] = ranked
  return first ? { value: first.value, object: subject.roleSetting(node.name, first.role, first.database, name) } : null
}

const units: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** A time limit in ms; 0: none. A bare number is in milliseconds. */
export function limitMs(value: string): number {
  const [, number, unit = 'ms'] = /^(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?$/.exec(value.trim()) ?? []
  return number === undefined ? 0 : Number(number) * (units[unit] ?? 1)
}
