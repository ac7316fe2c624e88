import { readFileSync } from 'node:fs'
import { AntemortemError } from '../../core/error.ts'
import { readConnections } from '../../engines/postgres/act/subscription-connection.ts'
import type { Doer } from '../../plans/doer.ts'
import { digestOf } from '../wrap/files/captured.ts'
import { keepKind } from './connections.ts'
import type { GateRecords, KeptCopy } from './kept.ts'

interface Keeping {
  readonly act: (node: string) => string
  readonly records: GateRecords
  /** A copy for its owner's eyes; where it is. */
  readonly keepFile: (name: string, bytes: Uint8Array) => string
}

export const connectionName = (plan: string, node: string, subscription: string): string =>
  `${plan}/${node}/${subscription}`

/** Connection strings of subscriptions before a change: in a file, because passwords stand in them. */
export const connectionDoers = ({ act, records, keepFile }: Keeping): readonly Doer[] => [
  {
    kind: keepKind,
    async do(step, { plan, signal }) {
      const node = step.node ?? ''
      const subscription = String(step.input['subscription'])
      const name = connectionName(plan.id, node, subscription)
      // What a second look would find may be the change's own.
      const earlier = await records.find('gate-connection', name)
      if (earlier) return { copy: earlier.body.kept }
      const text = (await readConnections(node, act(node), signal))?.get(subscription)
      if (text === undefined) throw gone(node, subscription)
      const bytes = Buffer.from(text)
      const kept = keepFile(`${plan.id}.${node}.${step.n}.subconninfo`, bytes)
      await records.save('gate-connection', name, { kept, sha256: digestOf(bytes) })
      return { copy: kept }
    },
    probe: () => Promise.resolve('not-done'),
  },
]

/** Bytes that a run has kept, if they are still what they were. */
export function keptText({ kept, sha256 }: KeptCopy): string {
  const bytes = readFileSync(kept)
  if (digestOf(bytes) === sha256) return bytes.toString('utf8')
  throw new AntemortemError('kept-bytes-damaged', `${kept} is not what was kept`, 'Set it back by hand.', { exit: 4 })
}

const gone = (node: string, subscription: string): AntemortemError =>
  new AntemortemError(
    'connection-unreadable',
    `the connection string of subscription ${subscription} on ${node} cannot be read any more`,
    'Run the same command again: it looks who may read it.',
    { exit: 4 },
  )
