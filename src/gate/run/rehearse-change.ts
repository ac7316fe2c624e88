import { preparedTransactions } from '../../engines/postgres/ddl/footprint.ts'
import type { ContractLogin } from '../copy/contract-logins.ts'
import type { Rehearsal } from '../rehearsal.ts'
import { applyChange } from './apply.ts'
import { countErrors, moved } from './apply-errors.ts'
import { compareTables } from './compare.ts'
import { lookAt } from './look.ts'
import { restartOneByOne, restartOrder, stillThere } from './restart.ts'
import { firstCopies, settle } from './settle.ts'
import type { Stage } from './stage.ts'
import { linkOf, startAnew } from './stage.ts'
import type { Step } from './targets.ts'
import { testRows } from './test-rows.ts'
import { touchedTables } from './touched.ts'
import { tryLogins } from './try-logins.ts'
import { uncopiedTables, type SubscriptionLogins } from './uncopied.ts'

export interface ChangeOptions {
  readonly cluster: string
  readonly steps: readonly Step[]
  readonly serving: ReadonlySet<string>
  readonly notBuilt: readonly string[]
  readonly logins: readonly ContractLogin[]
  readonly subscriptions: SubscriptionLogins
  /** What production is beside what its copy can be. */
  readonly production: Pick<Rehearsal, 'rows' | 'extensions' | 'probes' | 'told' | 'real' | 'listening'>
  readonly progress: (words: string) => void
  /** Changes the copy otherwise than by statements. */
  readonly command?: () => Promise<void>
}

/** The whole course of a rehearsal in a copy that runs. */
export async function rehearseChange(stage: Stage, options: ChangeOptions): Promise<Rehearsal> {
  const { cluster, steps, serving, notBuilt, logins, subscriptions, production, progress, command } = options
  progress('testing the copy as it is')
  const before = await lookAt(stage, cluster)
  const loginsBefore = await tryLogins(stage, logins)
  const errorsBefore = await countErrors(stage)
  const already = await testRows(stage, { described: before, errorsBefore, also: new Set() })
  if (already.isStuck) {
    await startAnew(stage)
  }

  progress('running the change')
  await command?.()
  const { results, between } = await applyChange(stage, steps)
  await firstCopies(stage, await countErrors(stage))
  const changed = await lookAt(stage, cluster)

  const uncopied = await uncopiedTables(stage, { before, changed, steps, logins: subscriptions })
  const prepared = await preparedOn(stage)

  progress('restarting every server, one by one')
  const errorsChanged = await countErrors(stage)
  const starts = await restartOneByOne(stage, restartOrder(stage.nodes, results), async () => {
    await settle(stage, { described: changed, errors: await countErrors(stage), late: new Set() })
  })
  // While the primary is away its subscribers fail to reach it: that says nothing of the change.
  const errorsBase = moved(errorsBefore, errorsChanged, await countErrors(stage))
  const described = await lookAt(stage, cluster)
  const touched = touchedTables(before, described, results)
  const isUp = starts.every(
    ({ node, failure, refuses }) => node !== stage.primary || (failure === null && refuses === null),
  )

  progress('writing test rows')
  const tested = isUp ? await testRows(stage, { described, errorsBefore: errorsBase, also: touched }) : null
  progress('comparing the touched tables')
  const loginsAfter = await tryLogins(stage, logins)
  const compared = tested && !tested.isStuck ? await compareTables(stage, tested.tables, tested.places) : []
  stage.signal.throwIfAborted()
  return {
    primary: stage.primary,
    before,
    changed,
    after: await lookAt(stage, cluster),
    between,
    serving,
    starts: stillThere(stage, starts),
    statements: steps.map(({ statement }) => statement),
    results,
    already: { canaries: already.canaries, applies: already.applies },
    canaries: tested?.canaries ?? [],
    applies: tested?.applies ?? [],
    compared,
    uncopied,
    logins: { before: loginsBefore, after: loginsAfter },
    untested: tested?.untested ?? 0,
    touched,
    prepared,
    ...production,
    notBuilt,
  }
}

/** On a standby they are its primary's. */
async function preparedOn(stage: Stage): Promise<Rehearsal['prepared']> {
  const { lab, nodes } = stage
  const writable = nodes.filter(({ name, role }) => role !== 'standby' && lab.isRunning(name))
  const found = await Promise.all(
    writable.map(async ({ name }) => {
      const reached = await linkOf(stage, name).reach(stage.signal)
      const gids = reached.ok
        ? await preparedTransactions(reached.reader, { signal: stage.signal, deadlineMs: 5000 })
        : []
      return gids.map((gid) => ({ node: name, gid }))
    }),
  )
  return found.flat()
}
