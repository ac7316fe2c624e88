import type { Snapshot } from '../core/snapshot.ts'

export interface StoppedSubscription {
  readonly name: string
  /** It was switched off, or its worker is not there although it should be. */
  readonly why: 'disabled' | 'no-worker'
}

/** Subscriptions of a node that worked before and do nothing after; without an error that anybody counts. */
export function stoppedSubscriptions(node: string, before: Snapshot, after: Snapshot): readonly StoppedSubscription[] {
  const [was, is] = [statesOf(before, node), statesOf(after, node)]
  return is.flatMap((now): StoppedSubscription[] => {
    const then = was.find(({ name }) => name === now.name)
    if (!then?.enabled) return []
    if (!now.enabled) return [{ name: now.name, why: 'disabled' }]
    return now.workerPid === null && then.workerPid !== null ? [{ name: now.name, why: 'no-worker' }] : []
  })
}

const statesOf = ({ nodes }: Snapshot, name: string) => {
  const states = nodes.find((node) => node.name === name)?.facts.subscriptionStates
  return states?.seen ? states.value : []
}
