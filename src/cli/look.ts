import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../core/configuration.ts'
import type { Diagnosis } from '../core/diagnosis.ts'
import type { Snapshot } from '../core/snapshot.ts'
import type { Catalogue } from '../watch/evaluate.ts'
import { Watch } from '../watch/watch.ts'

/** Counters are judged by their growth, positions by their moving: two looks. */
const apartMs = 150
const longestMs = 15_000

export interface Look {
  readonly snapshot: Snapshot
  /** The looks before, oldest first. */
  readonly earlier: readonly Snapshot[]
  readonly diagnosis: Diagnosis | null
}

/** Looks at a cluster until every node, table, contract and own rule was looked at. Nothing is written anywhere. */
export async function look(cluster: ClusterConfig, catalogue: Catalogue, signal: AbortSignal): Promise<Look | null> {
  const ended = new AbortController()
  const watch = await Watch.open(cluster, {
    catalogue,
    clock: Date.now,
    signal: AbortSignal.any([signal, ended.signal]),
    append: () => Promise.resolve([]),
    onEvent: () => undefined,
    compareAll: true,
    pauseMs: apartMs,
  })
  const running = watch.run()
  try {
    const endMs = performance.now() + longestMs
    while (!isDone(watch) && performance.now() < endMs) {
      await Promise.race([sleep(20, undefined, { signal }), running])
      signal.throwIfAborted()
    }
    const { history } = watch.state
    const snapshot = watch.judged?.case.snapshot ?? history.at(-1)
    if (!snapshot) return null
    return { snapshot, earlier: history.slice(0, -1), diagnosis: watch.judged?.diagnosis ?? null }
  } finally {
    ended.abort()
    await running
    await watch.close('looked')
  }
}

function isDone({ state: { history }, judged, hasCompared }: Watch): boolean {
  const [first] = history
  const last = history.at(-1)
  const facts = judged?.case.snapshot.facts
  // Files of a host are read beside the rounds.
  const isReading = [facts?.hosts, facts?.logs].some((fact) => fact?.seen === false && fact.why === 'no-history')
  return first !== undefined && last !== undefined && last.atMs - first.atMs >= apartMs && hasCompared && !isReading
}
