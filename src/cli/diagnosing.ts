import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Configuration } from '../core/configuration.ts'
import type { Bundle, Diagnosis } from '../core/diagnosis.ts'
import { AntemortemError } from '../core/error.ts'
import { bundle } from '../diagnosis/bundle.ts'
import { openStore } from '../store/open.ts'
import type { Watch } from '../watch/watch.ts'
import { chosenClusters, oneCluster } from './clusters.ts'
import type { CommandContext } from './command.ts'
import { catalogueDigest, program } from './program.ts'
import { openWatch } from './watching.ts'

/** Long enough for two rounds, two comparisons and a canary behind its fence; a page is read no faster. */
const longestMs = 12_000
const leastMs = 3_000

/** Looks at a cluster for some seconds and diagnoses it. Nothing is written anywhere. */
export async function diagnoseNow(
  context: CommandContext,
  name: string | null,
): Promise<{ readonly bundle: Bundle; readonly diagnosis: Diagnosis }> {
  const configuration = await context.config({ needs: 'url' })
  const cluster = oneCluster(configuration, name, 'Name one: antemortem diagnose NAME.')
  const ended = new AbortController()
  const watch = await openOnce(configuration, cluster.name, AbortSignal.any([context.signal, ended.signal]))
  const running = watch.run()
  try {
    const startedAt = performance.now()
    const passed = (): number => performance.now() - startedAt
    while (passed() < longestMs && !(passed() >= leastMs && watch.hasCompared && watch.state.history.length >= 3)) {
      context.progress(`looking at ${cluster.name}: ${Math.round(passed() / 1000)} s`)
      await Promise.race([sleep(100, undefined, { signal: context.signal }), running])
      context.signal.throwIfAborted()
    }
    if (!watch.judged)
      throw new AntemortemError(
        'nothing-seen',
        `nothing was seen of ${cluster.name} in ${longestMs / 1000} s`,
        'antemortem check says what cannot be reached.',
      )
    return { bundle: bundle(watch.judged.case, program, catalogueDigest()), diagnosis: watch.judged.diagnosis }
  } finally {
    ended.abort()
    await running
    await watch.close('diagnosed')
  }
}

/** A single look keeps nothing; what an earlier watch wrote down tells what was good, and what changed. */
async function openOnce(configuration: Configuration, name: string, signal: AbortSignal): Promise<Watch> {
  const [cluster] = chosenClusters(configuration, name)
  if (!cluster) throw new Error(`no cluster ${name}`)
  const store = await openStore(existingOr(configuration.store), { clock: Date.now })
  try {
    // Read once: the store is closed before the look begins.
    const good = await store.lastGood(cluster.name)
    return await openWatch(
      cluster,
      configuration,
      { ...store, lastGood: () => Promise.resolve(good), saveLastGood: () => Promise.resolve() },
      { signal, append: () => Promise.resolve([]), onEvent: () => undefined, compareAll: true },
    )
  } finally {
    await store.close()
  }
}

/** What is not there yet has nothing to tell, and a look must not make it. */
const existingOr = (store: string): string => (existsSync(store.replace(/^sqlite:/, '')) ? store : 'sqlite::memory:')
