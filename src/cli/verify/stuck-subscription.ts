import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { LogsFact } from '../../core/facts/cluster.ts'
import type { NodeView } from '../../core/snapshot.ts'
import { openHosts } from '../../fleet/host-watch.ts'
import { applyFailures, type ApplyFailure } from '../../repair/rows/stuck.ts'

const limits = {
  longestMs: { default: 10_000, unit: 'ms', why: 'a host behind ssh that has not answered by then is not read' },
  pauseMs: { default: 50, unit: 'ms', why: 'a host is read beside us' },
  retriedMs: {
    default: 30_000,
    unit: 'ms',
    why: 'a worker that fails tries again every five seconds: what was not logged for so long is over',
  },
} as const

/** Does a subscription of this node perhaps not work now? A restart of the publisher counts an error, too: the log decides. */
export const isLate = ({ facts: { subscriptionStates } }: NodeView): boolean =>
  subscriptionStates.seen &&
  subscriptionStates.value.some(
    ({ enabled, workerPid, applyErrors }) => !enabled || (applyErrors ?? 1) > 0 || workerPid === null,
  )

export interface StuckLook {
  readonly failures: readonly ApplyFailure[]
  /** What it would take to know more; null where nothing is missing. */
  readonly missing: string | null
}

/** What the log of a subscriber says of changes that it cannot apply now. */
export async function stuckIn(cluster: ClusterConfig, view: NodeView, signal: AbortSignal): Promise<StuckLook> {
  const states = view.facts.subscriptionStates.seen ? view.facts.subscriptionStates.value : []
  const isDisabled = states.some(({ enabled }) => !enabled)
  const isWorking = states.every(({ enabled, workerPid }) => enabled && workerPid !== null)
  const logs = await logsOf(cluster, view, signal)
  const blind = logs?.blind.find(({ node }) => node === view.name)
  if (!logs?.readable.includes(view.name))
    return {
      failures: [],
      missing: isWorking
        ? null
        : `a subscription of ${view.name} does not work, and why stands in its log, which is not read: ${blind?.why ?? 'the configuration names no host for it'}. ${blind?.remedy ?? `Give nodes.${view.name} a host: docs/host-reader.md`}`,
    }
  const failures = applyFailures(logs.entries, view.name)
  const sinceMs = Date.now() - limits.retriedMs.default
  return { failures: failures.filter(({ atMs }) => isDisabled || atMs > sinceMs), missing: null }
}

/** Reads the log of one node from near its end; null where its host is not configured. */
async function logsOf({ nodes }: ClusterConfig, view: NodeView, signal: AbortSignal): Promise<LogsFact | null> {
  const settings = view.facts.settings.seen ? view.facts.settings.value : null
  const hosts = openHosts(
    nodes.filter(({ name, host }) => name === view.name && host !== null),
    { clock: Date.now, signal, settingsOf: () => settings },
  )
  try {
    const endMs = performance.now() + limits.longestMs.default
    for (;;) {
      const { logs } = hosts.facts(Date.now())
      if (logs.seen) return logs.value
      if (logs.why !== 'no-history' || performance.now() > endMs) return null
      await sleep(limits.pauseMs.default, undefined, { signal })
    }
  } finally {
    await hosts.close()
  }
}
