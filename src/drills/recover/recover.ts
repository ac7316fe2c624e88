import { createHash } from 'node:crypto'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { DrillResult } from '../../core/drill.ts'
import type { App } from '../../lab/app/app.ts'
import { carryOut } from '../../plans/carry-out.ts'
import type { Store } from '../../store/store.ts'
import { verifyCluster } from '../../verify/run.ts'
import type { Judged } from '../../watch/watch.ts'
import { readLogins } from '../logins.ts'
import type { DrillNews } from '../run.ts'
import { damagedTable } from './damaged-table.ts'
import { freeStandbys } from './holding-up.ts'
import { publishTable } from './publish-table.ts'
import { stuckSubscription } from './stuck-subscription.ts'
import type { Way, WayDeps } from './way.ts'

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

/** The way back of each cause that a plan mends. */
const ways: Readonly<Record<string, (deps: WayDeps) => Promise<Way | null>>> = {
  'replication/publication-incomplete': publishTable,
  'replication/apply-conflict': stuckSubscription,
  'integrity/table-corruption': damagedTable,
}

/**
 * Mends what was named by its plan, waits until logins on the node work again, and compares every row of every table of all
 * nodes. Null where the cause has no plan.
 */
export async function recover(deps: RecoverDeps): Promise<Recovery | null> {
  const { judged, cluster, store, app, clock, signal, onNews, until } = deps
  const [cause] = judged.diagnosis.causes
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  const startedMs = clock()
  const way = cause && (await ways[cause.id]?.({ cause, judged, cluster, store, clock, signal, digest }))
  if (!way || way.plan.refusals.length > 0) return null
  const { plan, doers, node, aside } = way
  onNews({ type: 'phase', phase: 'mend', words: cause.remedy.words })
  for await (const entry of carryOut(plan, doers, { store, clock, signal })) {
    const step = plan.steps.find(({ n }) => n === entry.n)
    if (entry.phase === 'done' && step) onNews({ type: 'step', words: step.words })
  }
  const ended = await freeStandbys(cluster, judged, signal)
  for (const words of ended) onNews({ type: 'step', words })
  const worksAgain = (): boolean => {
    const last = readLogins(app.outcomes)
      .filter((login) => login.node === node)
      .slice(-limits.logins.default)
    return last.length === limits.logins.default && last.every(({ code, atMs }) => code === 'ok' && atMs >= startedMs)
  }
  const works = await until(worksAgain, limits.calmMs.default)
  const { pairs } = await verifyCluster({
    cluster,
    isTwo: false,
    globs: [],
    load: 1,
    fresh: true,
    recheck: null,
    store,
    clock,
    signal,
    onTally: () => undefined,
  })
  const isRight = pairs
    .flatMap(({ tables }) => tables)
    .every(({ table, verdict, coverage }) => table === aside || (verdict === 'consistent' && coverage === 1))
  const how = [...plan.steps.map(({ words }) => words), ...ended].join('; ')
  return { ms: clock() - startedMs, how, verified: works && pairs.length > 0 && isRight }
}
