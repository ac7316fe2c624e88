import type { Case } from '../core/diagnosis.ts'
import type { HostFact, LogEntryFact, LogsFact } from '../core/facts/cluster.ts'
import { canonicalJson } from '../core/json.ts'
import { compare, factOf, nodeOf } from './look.ts'

/** What a server's own log and its host say of its starts and ends, also when nobody else can say it. */

/** Oldest first, in one order whatever the order in which they came. */
export const logOf = (c: Case, node: string): readonly LogEntryFact[] => {
  const logs = c.snapshot.facts.logs
  if (!logs.seen) return []
  const known = inOrder.get(logs.value)?.get(node)
  if (known) return known
  const entries = logs.value.entries
    .filter((entry) => entry.node === node)
    .toSorted((a, b) => a.lastMs - b.lastMs || compare(canonicalJson(a), canonicalJson(b)))
  inOrder.set(logs.value, (inOrder.get(logs.value) ?? new Map<string, readonly LogEntryFact[]>()).set(node, entries))
  return entries
}

/** Dozens of causes ask for the same log of the same case. */
const inOrder = new WeakMap<LogsFact, Map<string, readonly LogEntryFact[]>>()

export const isLogRead = (c: Case, node: string): boolean => {
  const logs = c.snapshot.facts.logs
  return logs.seen && logs.value.readable.includes(node)
}

export const hostOf = (c: Case, node: string): HostFact | null => {
  const hosts = c.snapshot.facts.hosts
  return (hosts.seen ? hosts.value.hosts.find((host) => host.node === node) : undefined) ?? null
}

const isStart = ({ message }: LogEntryFact): boolean => /database system is ready to accept/.test(message)
const isStop = ({ message }: LogEntryFact): boolean =>
  /received (?:smart|fast|immediate) shutdown request|database system is shut down|^shutting down$/.test(message)
const isCrash = ({ message, severity }: LogEntryFact): boolean =>
  severity === 'PANIC' ||
  /was terminated by signal|terminating any other active server processes|all server processes terminated/.test(message)

const newest = (entries: readonly LogEntryFact[], isSuch: (entry: LogEntryFact) => boolean): LogEntryFact | null =>
  entries.findLast(isSuch) ?? null

/** When the server last came up, as far as anybody knows. */
export function startedMs(c: Case, node: string): number {
  const view = nodeOf(c, node)
  const known = view ? (factOf(view, 'server')?.startedMs ?? 0) : 0
  return Math.max(known, newest(logOf(c, node), isStart)?.lastMs ?? 0)
}

/** What it wrote since it came up. */
function sinceStart(c: Case, node: string): readonly LogEntryFact[] {
  const entries = logOf(c, node)
  if (entries.length === 0) return entries
  const upMs = startedMs(c, node)
  return entries.filter(({ lastMs }) => lastMs > upMs)
}

/** The last order to shut down since the server came up; null without one. */
export const stopSince = (c: Case, node: string): LogEntryFact | null => newest(sinceStart(c, node), isStop)

/** The last line of a crash since then. */
export const crashSince = (c: Case, node: string): LogEntryFact | null => newest(sinceStart(c, node), isCrash)

/** Lines of FATAL and PANIC that belong to no session: the server itself speaks. Sessions that it ends are not such. */
export const ownFatals = (c: Case, node: string): readonly LogEntryFact[] =>
  sinceStart(c, node).filter(
    ({ severity, role, database }) =>
      (severity === 'FATAL' || severity === 'PANIC') && role === null && database === null,
  )
