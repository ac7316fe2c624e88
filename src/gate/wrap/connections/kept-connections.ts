import type { ClusterConfig } from '../../../core/configuration.ts'
import { AntemortemError } from '../../../core/error.ts'
import type { Snapshot } from '../../../core/snapshot.ts'
import { readConnections } from '../../../engines/postgres/act/subscription-connection.ts'
import { digestOf } from '../files/captured.ts'
import type { KeptBytes } from '../files/kept-bytes.ts'

/** The connection string of a subscription at one moment: without it, passwords stand in it. */
export interface KeptConnection {
  readonly node: string
  readonly subscription: string
  readonly sha256: string
  /** The file in which it lies, for this user's eyes. */
  readonly kept: string
}

/** Of every subscription whose node has an acting role that may read it; who may not is told by what is not seen. */
export async function keepConnections(
  { nodes }: Pick<ClusterConfig, 'nodes'>,
  snapshot: Snapshot,
  {
    bytes,
    when,
    signal,
  }: { readonly bytes: KeptBytes; readonly when: 'before' | 'after'; readonly signal: AbortSignal },
): Promise<readonly KeptConnection[]> {
  const kept: KeptConnection[] = []
  for (const { name: node, act } of nodes) {
    const subscriptions = snapshot.nodes.find(({ name }) => name === node)?.facts.subscriptions
    if (act === null || !subscriptions?.seen || subscriptions.value.length === 0) continue
    for (const [subscription, text] of (await connectionsOf(node, act, signal)) ?? []) {
      const content = Buffer.from(text)
      const file = bytes.keep({ file: `${node}.${subscription}.subconninfo`, bytes: content }, when)
      kept.push({ node, subscription, sha256: digestOf(content), kept: file })
    }
  }
  return kept
}

/** A standby of a subscriber is asked as well: what it shows is its primary's, and is changed there. */
async function connectionsOf(node: string, act: string, signal: AbortSignal) {
  try {
    return await readConnections(node, act, signal)
  } catch (error) {
    if (error instanceof AntemortemError) return null
    throw error
  }
}
