import type { NodeConfig } from '../core/configuration.ts'
import type { HostsFact, LogsFact } from '../core/facts/cluster.ts'
import { seen, unseen, type Observation } from '../core/observation.ts'
import { maskKey } from '../engines/postgres/index.ts'
import { openLocalHost } from '../hosts/local.ts'
import type { HostReader } from '../hosts/reader.ts'
import type { Unread } from '../hosts/reading.ts'
import { openSshHost } from '../hosts/ssh.ts'
import { HostPoller } from './host-poller.ts'
import { hostRemedy, noHosts, type HostWatch } from './hosts-seen.ts'

export interface HostWatchOptions {
  /** Milliseconds since the epoch on the watcher's clock. */
  readonly clock: () => number
  readonly signal: AbortSignal
  /** Called as soon as a log has an entry that was not there: it is the earliest evidence there is. */
  readonly onEntry?: () => void
  /** Settings of a node that are in force, where they were read: they say how its log looks. */
  readonly settingsOf?: (node: string) => Readonly<Record<string, string>> | null
  /** Options for ssh, before the destination. */
  readonly sshArgs?: readonly string[]
}

const notConfigured: Unread = {
  why: 'where its server runs is not in the configuration',
  remedy: hostRemedy,
}

/** Begins to read the hosts that the configuration names. */
export function openHosts(nodes: readonly Pick<NodeConfig, 'name' | 'host'>[], options: HostWatchOptions): HostWatch {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const pollers = nodes.flatMap((node) => {
    const poller = pollerOf(node, { ...options, signal })
    return poller ? [poller] : []
  })
  if (pollers.length === 0) return noHosts
  const absent = nodes
    .filter(({ name }) => !pollers.some(({ node }) => node === name))
    .map(({ name }) => ({ node: name, ...notConfigured }))
  return {
    facts(atMs) {
      return { logs: logsOf(pollers, absent, atMs), hosts: hostsOf(pollers, absent, atMs) }
    },
    takeChanges: () => pollers.flatMap((poller) => poller.takeChanges()),
    async close() {
      stop.abort()
      await Promise.all(pollers.map(async (poller) => poller.close()))
    },
  }
}

type Blind = LogsFact['blind'][number]

const notYet = unseen('no-history', 'not read yet', 'wait for the first look')

function logsOf(pollers: readonly HostPoller[], absent: readonly Blind[], atMs: number): Observation<LogsFact> {
  const states = pollers.map((poller) => ({ node: poller.node, state: poller.log(atMs) }))
  if (states.every(({ state }) => state === null)) return notYet
  return seen(atMs, {
    readable: states.flatMap(({ node, state }) => (state?.ok === true ? [node] : [])),
    blind: [
      ...states.flatMap(({ node, state }) =>
        blindOf(node, state).map((each) => ({ ...each, expected: state !== null })),
      ),
      ...absent,
    ],
    entries: pollers.flatMap((poller) => poller.entries(atMs)).toSorted((a, b) => a.firstMs - b.firstMs),
  })
}

function hostsOf(pollers: readonly HostPoller[], absent: readonly Blind[], atMs: number): Observation<HostsFact> {
  const states = pollers.map((poller) => ({ node: poller.node, state: poller.host(atMs) }))
  if (states.every(({ state }) => state === null)) return notYet
  return seen(atMs, {
    hosts: states.flatMap(({ state }) => (state?.ok === true ? [state.value] : [])),
    blind: [...states.flatMap(({ node, state }) => blindOf(node, state)), ...absent],
  })
}

function blindOf(node: string, state: { readonly ok: true } | ({ readonly ok: false } & Unread) | null): Blind[] {
  if (state === null) return [{ node, why: 'not read yet', remedy: 'wait for the first look' }]
  return state.ok ? [] : [{ node, why: state.why, remedy: state.remedy }]
}

function pollerOf(
  { name, host }: Pick<NodeConfig, 'name' | 'host'>,
  { clock, signal, onEntry, settingsOf, sshArgs }: HostWatchOptions,
): HostPoller | null {
  if (host === null) return null
  // The log may call before there is anybody to hear it.
  const woken: { poller: HostPoller | null } = { poller: null }
  const options = { maskKey, onLog: () => woken.poller?.wake() }
  const reader: HostReader | null =
    host.ssh !== null
      ? openSshHost({ ...options, target: host.ssh, ...(sshArgs ? { args: sshArgs } : {}) })
      : host.data === null
        ? null
        : openLocalHost({ dataDir: host.data, log: host.log }, options)
  if (!reader) return null
  woken.poller = new HostPoller({
    node: name,
    reader,
    clock,
    signal,
    settings: () => settingsOf?.(name) ?? null,
    onEntry: onEntry ?? (() => undefined),
  })
  return woken.poller
}
