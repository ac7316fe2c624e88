import { createHash } from 'node:crypto'
import type { ClusterConfig } from '../core/configuration.ts'
import type { DrillResult } from '../core/drill.ts'
import type { App } from '../lab/app/app.ts'
import { carryOut } from '../plans/carry-out.ts'
import { doersOf } from '../repair/doers.ts'
import { planRemedy } from '../repair/plan.ts'
import { reachOf } from '../repair/reach.ts'
import type { Store } from '../store/store.ts'
import type { Judged } from '../watch/watch.ts'
import { readLogins } from './logins.ts'
import type { DrillNews } from './run.ts'

export type Recovery = NonNullable<DrillResult['recovered']>

export interface RecoverDeps {
  readonly judged: Judged
  readonly cluster: ClusterConfig
  readonly store: Store
  readonly app: App
  readonly clock: () => number
  readonly signal: AbortSignal
  readonly onNews: (news: DrillNews) => void
  readonly until: (what: () => boolean, deadlineMs: number) => Promise<boolean>
}

const limits = {
  calmMs: { default: 10_000, unit: 'ms', why: 'after the rows are there, reads succeed with the next login' },
  logins: { default: 5, unit: 'logins', why: 'good logins in a row on the node that was hurt' },
} as const

/** Mends what was named by its plan, and waits until logins on the node work again. Null where the cause has no plan. */
export async function recover(deps: RecoverDeps): Promise<Recovery | null> {
  const { judged, cluster, store, app, clock, signal, onNews } = deps
  const [cause] = judged.diagnosis.causes
  const plan =
    cause &&
    planRemedy(cause, judged.case, {
      id: `plan-${clock()}`,
      digest: (text) => createHash('sha256').update(text).digest('hex'),
    })
  if (!plan) return null
  const startedMs = clock()
  onNews({ type: 'phase', phase: 'mend', words: cause.remedy.words })
  let verified = false
  try {
    for await (const entry of carryOut(plan, doersOf(reachOf(cluster)), { store, clock, signal })) {
      const step = plan.steps.find(({ n }) => n === entry.n)
      if (entry.phase === 'done' && step) onNews({ type: 'step', words: step.words })
      if (entry.phase === 'done' && step?.kind === 'rows-compare') verified = entry.output['verdict'] === 'equal'
    }
  } catch (error) {
    // The lab goes with whoever interrupts the drill, and its journal with it: there is nothing to resume.
    signal.throwIfAborted()
    throw error
  }
  const node = plan.steps.at(-1)?.node
  const worksAgain = (): boolean => {
    const last = readLogins(app.outcomes)
      .filter((login) => login.node === node)
      .slice(-limits.logins.default)
    return last.length === limits.logins.default && last.every(({ code, atMs }) => code === 'ok' && atMs >= startedMs)
  }
  const works = verified && (await deps.until(worksAgain, limits.calmMs.default))
  return { ms: clock() - startedMs, how: plan.steps.map(({ words }) => words).join('; '), verified: works }
}
