import type { LogEntryFact, LogsFact } from './facts/cluster.ts'

/** What a follower's own processes say when the connection to their upstream ends, or cannot be made again yet. */
const linkLost =
  /^could not (?:send end-of-streaming|receive data from WAL stream|fetch failover logical slots)|could not connect to the (?:primary|publisher)/

/** A worker of replication lost its upstream: no row and no statement is what it complains of. */
export const isLinkLost = ({ role, message }: LogEntryFact): boolean => role === null && linkLost.test(message)

/** Where a check gives a planned restart or a switchover its time. */
export const plannedStopLimit = {
  default: 30_000,
  unit: 'ms',
  why: 'a server that was told to shut down, in good order, is back by then, or another has taken its place',
} as const

/** After the server takes connections again: pools connect anew, and what failed before still lies in the window of outcomes. */
const settlesMs = 5_000

const ordered = /^received (?:smart|fast) shutdown request/
const ready = /^database system is ready to accept/
const crashed =
  /^received immediate shutdown request|was terminated by (?:signal|exception)|^terminating any other active/
/** Sessions and workers that are sent away, clients that come too early, and a standby that looks for its upstream. */
const sentAway =
  /^(?:terminating|the database system is|connection to client lost|could not (?:receive data|connect to the primary|start WAL streaming))/

/** FATAL and PANIC that belong to no session: a start that fails. */
const isOwnFailure = ({ severity, code, message, role }: LogEntryFact): boolean =>
  severity === 'PANIC' ||
  (severity === 'FATAL' && role === null && !/^(?:57P0|08)/.test(code ?? '') && !sentAway.test(message))

/**
 * The log of one of these nodes says that somebody told it to shut down in good order, not longer ago than this, and nothing
 * has gone wrong since. What its clients lose meanwhile, somebody has chosen; an order that nobody can read gives no such time.
 */
export function isStoppedOnPurpose(
  logs: LogsFact | undefined,
  names: ReadonlySet<string>,
  { atMs, withinMs }: { readonly atMs: number; readonly withinMs: number },
): boolean {
  const entries = logs?.entries ?? []
  return [...names].some((name) => {
    const own = entries.filter(({ node }) => node === name)
    const last = (is: RegExp): number =>
      Math.max(-Infinity, ...own.filter(({ message }) => is.test(message)).map(({ lastMs }) => lastMs))
    const orderMs = last(ordered)
    if (atMs - orderMs > withinMs || last(crashed) >= orderMs) return false
    if (own.some((entry) => entry.lastMs >= orderMs && isOwnFailure(entry))) return false
    const readyMs = last(ready)
    return readyMs < orderMs || atMs - readyMs <= settlesMs
  })
}

/** Said by a follower within this time after another server was told to stop: its upstream went, and everybody knows why. */
export const isOfPlannedStop = (entry: LogEntryFact, entries: readonly LogEntryFact[], withinMs: number): boolean =>
  isLinkLost(entry) &&
  entries.some(
    ({ node, message, firstMs, lastMs }) =>
      node !== entry.node &&
      ordered.test(message) &&
      // Clocks of two hosts, each as near as its log says. Equal lines are one: of several orders only the first and the last are told.
      firstMs - entry.lastMs <= 1_000 &&
      entry.lastMs - lastMs <= withinMs,
  )

/** What the clients of a server that shuts down or starts are told, or find: nothing else is forgiven. */
export const isFromStop = (code: string | null): boolean =>
  /^(?:57P0[13]|08\w{3}|ECONN\w+|EPIPE|CLIENT_(?:CLOSED|TIMEOUT|DEADLINE))$/.test(code ?? '')

/** Those whose stop takes this node's clients with them: itself, and every primary, because what is read here is written there. */
export const stopsOf = (
  name: string,
  nodes: readonly { readonly name: string; readonly role: string | null }[],
): ReadonlySet<string> => new Set([name, ...nodes.filter(({ role }) => role === 'primary').map((node) => node.name)])
