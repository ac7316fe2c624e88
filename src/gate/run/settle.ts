import { setTimeout as sleep } from 'node:timers/promises'
import type { Snapshot } from '../../core/snapshot.ts'
import { nodeReader, ReadFailed } from '../../engines/postgres/rows/node-reader.ts'
import type { Follows } from '../../engines/postgres/rows/wal-position.ts'
import { takeFence, waitFence } from '../../rows/fence.ts'
import type { Fence } from '../../rows/fence.ts'
import { describedOf } from '../described.ts'
import type { ErrorCounts } from './apply-errors.ts'
import { countErrors, haveGrown } from './apply-errors.ts'
import { lookAt } from './look.ts'
import type { Stage } from './stage.ts'
import { followersIn, linkOf, withoutPlace } from './stage.ts'

/** Where a node stands to what the primary had written. */
export interface Arrival {
  readonly node: string
  /** null: all is there. */
  readonly late: string | null
  /** It will not come by itself: paused, disabled, or no standby any more. */
  readonly isStopped: boolean
}

const limits = {
  deadlineMs: { default: 5000, unit: 'ms', why: 'a healthy copy needs a tenth of it, also behind a restart' },
  againMs: { default: 500, unit: 'ms', why: 'who did not come in five seconds will not come now' },
  sliceMs: { default: 400, unit: 'ms', why: 'between two looks at the counters of errors' },
} as const

export interface SettleOptions {
  readonly described: Snapshot
  /** Errors after the restart: where they grow, there is nothing to wait for. */
  readonly errors: ErrorCounts
  /** Nodes that were late the last time: they are given less time. */
  readonly late: ReadonlySet<string>
}

/** Until every other node has what the primary has written, or will not have it. */
export async function settle(stage: Stage, { described, errors, late }: SettleOptions): Promise<readonly Arrival[]> {
  const startedMs = performance.now()
  const fence = await fenceOn(stage)
  if (typeof fence === 'string')
    return followersIn(stage).map(({ name }) => ({ node: name, late: fence, isStopped: false }))
  for (;;) {
    const arrivals = await Promise.all(
      followersIn(stage).map(async ({ name }) => arrival(stage, described, name, fence)),
    )
    if (arrivals.every(({ late }) => late === null)) return arrivals
    const isOld = arrivals.every(({ node, late: why, isStopped }) => why === null || isStopped || late.has(node))
    const deadlineMs = isOld ? limits.againMs.default : limits.deadlineMs.default
    if (performance.now() > startedMs + deadlineMs || haveGrown(errors, await countErrors(stage))) return arrivals
    await sleep(20, undefined, { signal: stage.signal })
  }
}

/** Or why the primary cannot say how far it is. */
async function fenceOn(stage: Stage): Promise<Fence | string> {
  try {
    return await takeFence(nodeReader(linkOf(stage, stage.primary)), stage.signal)
  } catch (error) {
    if (error instanceof ReadFailed) return withoutPlace(error.message)
    throw error
  }
}

async function arrival(stage: Stage, described: Snapshot, node: string, fence: Fence): Promise<Arrival> {
  const source = nodeReader(linkOf(stage, stage.primary))
  const target = nodeReader(linkOf(stage, node))
  try {
    for (const follows of followsOf(described, node)) {
      const deadlineMs = limits.sliceMs.default
      const options = { deadlineMs, passive: false, signal: stage.signal }
      const wait = await waitFence({ source, target, follows }, fence, options)
      // It answers before its time is over only where there is nothing to wait for.
      if (!wait.reached) return { node, late: wait.why, isStopped: wait.ms < deadlineMs }
    }
  } catch (error) {
    if (error instanceof ReadFailed) return { node, late: withoutPlace(error.message), isStopped: false }
    throw error
  }
  return { node, late: null, isStopped: false }
}

/** By which ways a node gets what it has. */
export function followsOf(described: Snapshot, node: string): readonly Follows[] {
  if (described.nodes.find(({ name }) => name === node)?.role === 'standby') return [{ kind: 'physical' }]
  const subscriptions = describedOf(described, node)?.subscriptions ?? []
  return subscriptions.map(({ name }) => ({ kind: 'logical', subscription: name }))
}

/** Until the first copies of newly subscribed tables are finished, or fail. */
export async function firstCopies(stage: Stage, before: ErrorCounts): Promise<void> {
  const untilMs = performance.now() + limits.deadlineMs.default
  for (;;) {
    const snapshot = await lookAt(stage, '')
    const copying = followersIn(stage).some(({ name }) =>
      describedOf(snapshot, name)?.subscriptions.some(({ tables }) => tables.some(({ state }) => state !== 'r')),
    )
    if (!copying || performance.now() > untilMs || haveGrown(before, await countErrors(stage))) return
    await sleep(50, undefined, { signal: stage.signal })
  }
}
