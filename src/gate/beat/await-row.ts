import { setTimeout as sleep } from 'node:timers/promises'
import type { UsableTarget } from '../../contracts/targets.ts'
import { readBeat, readOwnBeat, type CanaryRow } from '../../engines/postgres/act/canary-row.ts'
import type { Session } from '../../engines/postgres/index.ts'
import type { NodeReader } from '../../engines/postgres/rows/node-reader.ts'
import type { Arrival } from './beat.ts'
import { openFirst } from './own-connections.ts'

const limits = {
  everyMs: { default: 20, unit: 'ms', why: 'a healthy node shows it after two or three of these' },
  slowestMs: { default: 250, unit: 'ms', why: 'a node that is late is not to be asked fifty times a second' },
} as const

/** What one look showed. */
type Look = { readonly state: 'shown' } | { readonly state: 'missing' | 'not-seen'; readonly detail: string | null }

/** A way to look at one node again and again. */
export interface Looking {
  readonly node: string
  readonly by: Arrival['by']
  look(row: CanaryRow, signal: AbortSignal): Promise<Look>
  close(): Promise<void>
}

export interface Waiting {
  readonly patienceMs: number
  readonly signal: AbortSignal
}

/** Asks a node until it shows the row, or its time is over. */
export async function awaitRow(looking: Looking, row: CanaryRow, { patienceMs, signal }: Waiting): Promise<Arrival> {
  const { node, by } = looking
  const startedAt = performance.now()
  try {
    for (let pauseMs: number = limits.everyMs.default; ; pauseMs = Math.min(pauseMs * 1.3, limits.slowestMs.default)) {
      const seen = await looking.look(row, signal)
      const waitedMs = Math.round(performance.now() - startedAt)
      if (seen.state === 'shown') return { node, by, state: 'shown', waitedMs, detail: null }
      const { state, detail } = seen
      if (waitedMs >= patienceMs) return { node, by, state, waitedMs, detail }
      await sleep(pauseMs, undefined, { signal })
    }
  } finally {
    await looking.close()
  }
}

/** By the application's own connection to a node that serves its reads. */
export function byContract(node: string, targets: readonly UsableTarget[]): Looking {
  let session: Session | null = null
  return {
    node,
    by: 'contract',
    async look(row, signal) {
      if (session === null || session.lost !== null) {
        const opened = await openFirst(targets, signal)
        if ('why' in opened) return { state: 'not-seen', detail: opened.why }
        session = opened.session
      }
      const seen = await readOwnBeat(session, row, signal)
      if (seen.ok) return compared(row, seen.beat)
      const isTold = saysSo.test(seen.failure.code ?? '')
      return { state: isTold ? 'missing' : 'not-seen', detail: seen.failure.message }
    },
    close: async () => session?.close(),
  }
}

/** By the reading role, to a node that no read of the contract goes to. */
export const byReader = (reader: NodeReader): Looking => ({
  node: reader.name,
  by: 'reading-role',
  async look(row, signal) {
    const seen = await readBeat(reader, row, signal)
    if (seen.ok) return compared(row, seen.beat)
    const { code, message } = seen.failure
    return { state: saysSo.test(code ?? '') ? 'missing' : 'not-seen', detail: message }
  },
  close: () => Promise.resolve(),
})

/** The table is not there, has other columns, or is closed to this role: that is what its users would see. */
const saysSo = /^(?:42|3F)/

const compared = ({ beat }: CanaryRow, seen: string | null): Look =>
  seen === beat ? { state: 'shown' } : { state: 'missing', detail: null }
