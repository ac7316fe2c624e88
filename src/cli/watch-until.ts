import { setTimeout as sleep } from 'node:timers/promises'
import type { Accepted } from '../core/accepted.ts'
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

export interface Until {
  /** Compare all tables that a watcher would compare after a change. */
  readonly compareAll: boolean
  /** Was everything looked at that is asked for? Two looks apart from each other there are by then. */
  readonly isDone: (watch: Watch) => boolean
  /** What is to be compared with; absent: nothing is known good but what is seen now. */
  readonly accepted?: Accepted | null
}

/** Looks at a cluster for a moment. Nothing is written anywhere. Null: no round came to an end. */
export async function watchUntil(
  cluster: ClusterConfig,
  catalogue: Catalogue,
  { compareAll, isDone, accepted = null }: Until,
  signal: AbortSignal,
): Promise<Look | null> {
  const ended = new AbortController()
  const watch = await Watch.open(cluster, {
    catalogue,
    clock: Date.now,
    signal: AbortSignal.any([signal, ended.signal]),
    append: () => Promise.resolve([]),
    onEvent: () => undefined,
    accepted: () => Promise.resolve(accepted),
    compareAll,
    pauseMs: apartMs,
  })
  const running = watch.run()
  try {
    const endMs = performance.now() + longestMs
    while (!(areApart(watch) && isDone(watch)) && performance.now() < endMs) {
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

function areApart({ state: { history } }: Watch): boolean {
  const [first] = history
  const last = history.at(-1)
  return first !== undefined && last !== undefined && last.atMs - first.atMs >= apartMs
}
