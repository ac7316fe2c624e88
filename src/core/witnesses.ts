import type { PostgresFacts } from './facts/postgres/index.ts'
import type { NodeRole } from './snapshot.ts'
import { hopsOf } from './upstream.ts'

export interface Witness {
  readonly name: string
  readonly role: NodeRole
  readonly upstream: string | null
  readonly wanted: Partial<PostgresFacts>
}

export interface Word {
  /** Nodes to which it still streams: it lives, whatever we see. */
  readonly streaming: readonly string[]
  /** Nodes that follow it, answer us, and have lost it as well. */
  readonly cutOff: readonly string[]
}

/**
 * What others say of a primary that does not answer us. A standby keeps its receiver for wal_receiver_timeout, a minute, after
 * the host of its primary vanished without a word: until then it still counts as streaming.
 */
export function wordOf(primary: string, nodes: readonly Witness[]): Word {
  const seen = nodes.flatMap((node) => {
    const { server } = node.wanted
    return server && node.name !== primary ? [{ ...node, server }] : []
  })
  const streaming: string[] = []
  const cutOff: string[] = []
  for (const node of seen) {
    if (node.upstream !== primary) continue
    const { receiver, subscriptionStates = [] } = node.wanted
    if (node.server.inRecovery) {
      // One that follows another standby has nothing to say of the primary.
      if (receiver === undefined || hopsOf(node, seen).length > 0) continue
      ;(receiver.some(({ status }) => status === 'streaming') ? streaming : cutOff).push(node.name)
    } else {
      const enabled = subscriptionStates.filter((subscription) => subscription.enabled)
      if (enabled.length === 0) continue
      ;(enabled.some(({ workerPid }) => workerPid !== null) ? streaming : cutOff).push(node.name)
    }
  }
  return { streaming, cutOff }
}
