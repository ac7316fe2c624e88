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

/** As if what came between two looks had not been. */
export const moved = (counts: ErrorCounts, from: ErrorCounts, to: ErrorCounts): ErrorCounts =>
  new Map([...counts].map(([key, count]) => [key, count + Math.max(0, (to.get(key) ?? 0) - (from.get(key) ?? 0))]))

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
      ...lastWorkerError(stage.lab.log(node)),
    }
  })
}

type WorkerError = Pick<ApplyResult, 'message' | 'code' | 'relation'>

/** Background processes have no user and database in their lines, clients do. A value in it may be of any length. */
const errorLine = /^\S+ \S+ \S+ \[(\d+)\] (\w{5}) ERROR:\s+(.*)$/
const relationLine = /^\S+ \S+ \S+ \[(\d+)\] .*CONTEXT:.* for replication target relation "([^"]+)"/

/** The last error of a worker, with the table that it was at where its context says so. */
export function lastWorkerError(log: string): WorkerError {
  const lines = log.split('\n')
  const at = lines.findLastIndex((line) => errorLine.test(line))
  const [, pid, code = null, words] = errorLine.exec(lines[at] ?? '') ?? []
  if (words === undefined) return { message: null, code: null, relation: null }
  const context = lines
    .slice(at + 1, at + 4)
    .flatMap((line) => relationLine.exec(line) ?? [])
    .slice(0, 3)
  const message = words.length <= 200 ? words : `${words.slice(0, 200)}…`
  return { message, code, relation: context[1] === pid ? (context[2] ?? null) : named(words) }
}

/** Where there is no context the message itself may name it; about row security without its schema. */
const named = (words: string): string | null => {
  const secured = /row-level security enabled: "([^"]+)"/.exec(words)?.[1]
  const name = /(?:target )?relation "([^"]+)"/.exec(words)?.[1] ?? (secured === undefined ? '' : `public.${secured}`)
  return name.includes('.') ? name : null
}
