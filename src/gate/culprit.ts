import type { NodeView } from '../core/snapshot.ts'
import { settingsOn } from './files/settings-of.ts'
import type { Rehearsal } from './rehearsal.ts'

/** A setting of the change that is to blame, with the node that it is set on. */
export interface Culprit {
  readonly node: string
  readonly setting: string
}

/** A standby that has less than its primary of these replays no further. */
const ofPair = new Set([
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
])

/** Which setting of the change keeps a server from starting: the one that its last words name, or the only one there is. */
export function culpritOf(node: string, words: string, { results, primary }: Rehearsal): Culprit | null {
  const own = [...settingsOn(node, results).keys()]
  const ofPrimary = node === primary ? [] : [...settingsOn(primary, results).keys()].filter((name) => ofPair.has(name))
  const all = [
    ...own.map((setting) => ({ node, setting })),
    ...ofPrimary.map((setting) => ({ node: primary, setting })),
  ]
  const named = all.find(({ setting }) => words.toLowerCase().includes(setting))
  if (named) return named
  const speaking = all.find(({ setting }) => (signs[setting] ?? /$^/).test(words))
  return speaking ?? (all.length === 1 ? (all[0] ?? null) : null)
}

/** Where the server's words do not name the setting itself. */
const signs: Readonly<Record<string, RegExp>> = {
  ssl: /certificate|private key|server\.(?:crt|key)/,
  shared_preload_libraries: /could not (?:access|load) (?:file|library)/,
  max_replication_slots: /too many replication slots/,
  wal_level: /WAL streaming|wal_level|logical replication slot/i,
  shared_buffers: /shared memory/,
}

/** Which setting of the change makes a standby stop: less than its primary has, or another way to it. */
export function standbyCulprit(standby: NodeView, { results, primary, before }: Rehearsal): Culprit | null {
  const own = settingsOn(standby.name, results)
  const way = ['primary_conninfo', 'primary_slot_name', 'hot_standby'].find((name) => own.has(name))
  if (way !== undefined) return { node: standby.name, setting: way }
  const lower = [...own].find(
    ([name, value]) => ofPair.has(name) && Number(value) < valueOf(before.nodes, primary, name),
  )
  if (lower) return { node: standby.name, setting: lower[0] }
  const atPrimary = [...settingsOn(primary, results)]
  const raised = atPrimary.find(
    ([name, value]) => ofPair.has(name) && Number(value) > valueOf(before.nodes, standby.name, name),
  )
  if (raised) return { node: primary, setting: raised[0] }
  const fewer = atPrimary.find(([name]) => name === 'max_wal_senders' || name === 'max_replication_slots')
  return fewer ? { node: primary, setting: fewer[0] } : null
}

function valueOf(nodes: readonly NodeView[], name: string, setting: string): number {
  const settings = nodes.find((node) => node.name === name)?.facts.settings
  return settings?.seen ? Number(settings.value[setting] ?? 0) : 0
}
