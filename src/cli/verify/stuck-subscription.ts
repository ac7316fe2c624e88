import type { ClusterConfig, Configuration } from '../../core/configuration.ts'
import type { NodeView } from '../../core/snapshot.ts'
import { applyFailures, type ApplyFailure } from '../../repair/rows/stuck.ts'
import { look } from '../look.ts'

/** A worker that fails tries again every five seconds: what was not logged for so long is over, unless it was switched off. */
const retriedMs = 30_000

/** Does a subscription of this node not work now? A restart of the publisher counts an error, too: the log decides. */
export function isLate({ facts: { subscriptionStates } }: NodeView): boolean {
  return (
    subscriptionStates.seen &&
    subscriptionStates.value.some(
      ({ enabled, workerPid, applyErrors }) => !enabled || (applyErrors ?? 1) > 0 || workerPid === null,
    )
  )
}

/** What the log of a subscriber says of changes that it cannot apply now; `missing`: what it would take to know. */
export async function stuckIn(
  cluster: ClusterConfig,
  { thresholds }: Configuration,
  node: string,
  signal: AbortSignal,
): Promise<{ readonly failures: readonly ApplyFailure[]; readonly missing: string | null }> {
  const seen = await look(cluster, { checks: [], causes: [], suspects: [], thresholds }, signal)
  const logs = seen?.snapshot.facts.logs
  const states = seen?.snapshot.nodes.find(({ name }) => name === node)?.facts.subscriptionStates
  if (!seen || !states?.seen) return { failures: [], missing: null }
  const isDisabled = states.value.some(({ enabled }) => !enabled)
  const isWorking = states.value.every(({ enabled, workerPid }) => enabled && workerPid !== null)
  const blind = logs?.seen ? logs.value.blind.find((each) => each.node === node) : undefined
  if (!logs?.seen || blind || !logs.value.readable.includes(node))
    return {
      failures: [],
      missing: isWorking
        ? null
        : `a subscription of ${node} does not work, and why stands in its log, which is not read: ${blind?.why ?? 'give the node a host'}. ${blind?.remedy ?? `nodes.${node}.host in the configuration`}`,
    }
  const failures = applyFailures(logs.value.entries, node)
  return {
    failures: failures.filter(({ atMs }) => isDisabled || seen.snapshot.atMs - atMs < retriedMs),
    missing: null,
  }
}
