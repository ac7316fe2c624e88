import type { ClusterConfig } from '../core/configuration.ts'
import type { Event } from '../core/event.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import type { Catalogue } from '../watch/evaluate.ts'
import { Watch } from '../watch/watch.ts'
import { judge, type Course, type Judgement } from './judge.ts'

/** One watcher of a drill's outage, with a configuration, a store and events of its own: several may watch the same servers. */
export interface Watcher extends AsyncDisposable {
  readonly cluster: ClusterConfig
  readonly store: Store
  readonly watch: Watch
  readonly events: readonly Event[]
  /** Rejects with a bug, or when the store refuses; it never resolves. */
  readonly failed: Promise<never>
  /** All was well once: from then on it can tell what has changed. */
  isReady(): boolean
  /** What it has said so far, compared with what is true. */
  judged(course: Pick<Course, 'truth' | 'triggeredMs' | 'logins'>): Judgement
}

export interface WatcherDeps {
  /** Of its store. */
  readonly file: string
  readonly catalogue: Catalogue
  readonly clock: () => number
  /** Ends the watching; what was opened is closed by disposing. */
  readonly signal: AbortSignal
  readonly onEvent: (event: Event) => void
}

/** Watches from now on, until the signal. */
export async function openWatcher(cluster: ClusterConfig, deps: WatcherDeps): Promise<Watcher> {
  const { catalogue, clock, signal } = deps
  const events: Event[] = []
  const store = await openStore(`sqlite:${deps.file}`, { clock })
  const watch = await Watch.open(cluster, {
    catalogue,
    clock,
    signal,
    append: async (bodies, atMs) => store.append(cluster.name, bodies, atMs),
    onEvent: (event) => {
      events.push(event)
      deps.onEvent(event)
    },
  }).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  const running = watch.run()
  const failed = running.then(async () => new Promise<never>(() => undefined))
  // Whoever waits for the drill hears of it; it must not end the process before.
  failed.catch(() => undefined)
  return {
    cluster,
    store,
    watch,
    events,
    failed,
    isReady: () => watch.state.lastGood.atMs !== null,
    judged: (course) => judge({ ...course, events, diagnosis: watch.judged?.diagnosis ?? null }),
    async [Symbol.asyncDispose]() {
      await running
      await watch.close('the drill is over')
      await store.close()
    },
  }
}
