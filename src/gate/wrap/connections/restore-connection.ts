import { AntemortemError } from '../../../core/error.ts'
import type { ClusterConfig } from '../../../core/configuration.ts'
import type { Refusal, Step } from '../../../core/plan.ts'
import { readConnections, setConnection } from '../../../engines/postgres/act/subscription-connection.ts'
import type { Doer, Probed } from '../../../plans/doer.ts'
import { actingUrl } from '../../apply/reach.ts'
import { keptText } from '../../apply/connection-doers.ts'
import { digestOf } from '../files/captured.ts'
import type { KeptConnection } from './kept-connections.ts'
import type { RewrittenConnection } from './rewritten.ts'

export const restoreConnectionKind = 'restore-connection'

const deadlineMs = 20_000

/** A subscription gets back the connection string that was kept, only while it still has the command's. Pure. */
export const stepOfConnection = ({ before, after }: RewrittenConnection, n: number): Step => {
  const { node, subscription } = before
  return {
    n,
    kind: restoreConnectionKind,
    words: `give subscription ${subscription} back the connection string that it had before the command`,
    node,
    input: inputOf(before, after.sha256),
    idempotent: 'check-first',
    undo: {
      step: {
        kind: restoreConnectionKind,
        words: `give subscription ${subscription} the connection string as the command had left it`,
        node,
        input: inputOf(after, before.sha256),
        deadlineMs,
      },
    },
    deadlineMs,
  }
}

const inputOf = ({ subscription, kept, sha256 }: KeptConnection, expects: string) => ({
  subscription,
  kept,
  sha256,
  expects,
})

const read = ({ node, input }: Step) => ({
  node: node ?? '',
  subscription: String(input['subscription']),
  kept: String(input['kept']),
  sha256: String(input['sha256']),
  expects: String(input['expects']),
})

/** By the acting role of its node. */
export function restoreConnectionDoer(cluster: ClusterConfig): Doer {
  const stateOf = async (step: Step, signal: AbortSignal): Promise<string> => {
    const { node, subscription } = read(step)
    const text = (await readConnections(node, actingUrl(cluster, node), signal))?.get(subscription)
    return text === undefined ? 'not to be read' : digestOf(Buffer.from(text))
  }
  return {
    kind: restoreConnectionKind,
    async precondition(step, { signal }): Promise<Refusal | null> {
      const { node, subscription, sha256, expects } = read(step)
      const state = await stateOf(step, signal)
      if (state === expects || state === sha256) return null
      return {
        id: 'connection-moved-on',
        why: `subscription ${subscription} of ${node} is not as the command has left it: somebody has altered it since`,
        evidence: { node, subscription },
      }
    },
    async do(step, { signal }) {
      const { node, subscription, kept, sha256 } = read(step)
      const text = keptText({ kept, sha256 })
      await setConnection({ node, url: actingUrl(cluster, node), subscription, text }, signal)
      return { subscription }
    },
    async probe(step, { signal }): Promise<Probed> {
      const { sha256, expects } = read(step)
      const state = await stateOf(step, signal).catch((error: unknown) => {
        if (error instanceof AntemortemError) return 'not to be read'
        throw error
      })
      return state === sha256 ? 'done' : state === expects ? 'not-done' : 'cannot-see'
    },
  }
}
