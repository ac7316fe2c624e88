import { sampleFast } from '../../engines/postgres/index.ts'
import type { ApplyResult } from '../rehearsal.ts'
import type { Stage } from './stage.ts'
import { linkOf } from './stage.ts'

/** Errors by subscription, as `NODE SUBSCRIPTION`. A subscription that cannot be asked is not in it. */
export type ErrorCounts = ReadonlyMap<string, number>

export const keyOf = (node: string, subscription: string): string => JSON.stringify([node, subscription])

/** Apply and copy errors of every subscription, as its server counts them. */
export async function countErrors(stage: Stage): Promise<ErrorCounts> {
  const { nodes, signal } = stage
  const counts = new Map<string, number>()
  for (const { name, role } of nodes) {
    if (role !== 'subscriber') continue
    const { facts } = await sampleFast(linkOf(stage, name), {
      signal,
      deadlineMs: 5000,
      clock: Date.now,
      digest: false,
    })
    const states = facts.subscriptionStates
    for (const state of states?.seen ? states.value : [])
      counts.set(keyOf(name, state.name), (state.applyErrors ?? 0) + (state.syncErrors ?? 0))
  }
  return counts
}

/** Has one of them failed twice since? Once is what a planned restart counts. */
export const haveGrown = (before: ErrorCounts, now: ErrorCounts): boolean =>
  [...now].some(([key, count]) => count >= (before.get(key) ?? 0) + 2)

export function applyResults(stage: Stage, before: ErrorCounts, polls: readonly ErrorCounts[]): readonly ApplyResult[] {
  const keys = new Set(polls.flatMap((poll) => [...poll.keys()]))
  return [...keys].map((key) => {
    // Written by keyOf.
    const [node = '', subscription = ''] = JSON.parse(key) as string[]
    return {
      node,
      subscription,
      before: before.get(key) ?? 0,
      polls: polls.map((poll) => poll.get(key) ?? 0),
      message: lastWorkerError(stage.lab.log(node)),
    }
  })
}

/** Background processes have no user and database in their lines, clients do. A value in it may be of any length. */
export function lastWorkerError(log: string): string | null {
  const words = log.split('\n').flatMap((line) => /^\S+ \S+ \S+ \[\d+\] (?:.* )?ERROR:\s+(.*)$/.exec(line)?.[1] ?? [])
  const last = words.at(-1)
  return last === undefined || last.length <= 200 ? (last ?? null) : `${last.slice(0, 200)}…`
}
