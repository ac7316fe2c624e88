import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError, type ExitCode } from '../../core/error.ts'
import type { Plan } from '../../core/plan.ts'
import type { VerifyReport } from '../../core/verification.ts'
import { carryOut, resume } from '../../plans/carry-out.ts'
import { undoOf } from '../../plans/undo-of.ts'
import { onlyRead } from '../../repair/rows/plan.ts'
import { planDirectory } from '../../repair/rows/files.ts'
import { openStore } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { allDoers, follow } from '../carrying-out.ts'
import { chosenClusters } from '../clusters.ts'
import type { CommandContext } from '../command.ts'
import { planNamed } from './plan-files.ts'
import { makePlans } from './repair-plan.ts'

export const repairDeeds = ['plan', 'apply', 'undo'] as const

/** Compares the tables that are meant of a cluster, of which all but two nodes were left out. */
export type Compare = (cluster: ClusterConfig, store: Store) => Promise<VerifyReport>

/** `verify --repair plan|apply|undo`: rows that differ, by a plan that is looked at first and can be taken back. */
export async function repairRows(context: CommandContext, deed: string, compare: Compare): Promise<ExitCode> {
  const configuration = await context.config({ needs: 'url' })
  const directory = planDirectory(configuration.store, context.cwd)
  const store = await openStore(configuration.store, { clock: Date.now })
  try {
    if (deed === 'plan') {
      const [cluster, ...others] = chosenClusters(configuration, context.options.text('cluster'))
      if (!cluster || others.length > 0)
        throw usage('the configuration has several clusters', 'Name one with --cluster.')
      return await makePlans({ cluster, store, directory, compare }, context)
    }
    const name = context.args[0]
    if (name === undefined)
      throw usage(`--repair ${deed} needs a plan`, `antemortem verify --repair ${deed} PLAN: its id, or its file.`)
    const plan = await planNamed(store, name)
    const [cluster] = chosenClusters(configuration, plan.cluster)
    if (!cluster) throw usage(`no cluster ${plan.cluster}`, 'The configuration changed since the plan was made.')
    const doers = allDoers(cluster, store, directory)
    const deps = { store, clock: Date.now, signal: context.signal }
    const words = { goOn: 'antemortem verify --repair apply', back: 'antemortem verify --repair undo' }
    if (deed === 'undo') {
      const { undo, isBegun } = await undoing(store, plan)
      // That nothing is to be taken back of a look goes without saying.
      for (const { words: what, why } of (undo.notUndone ?? []).filter((each) => each.why !== onlyRead))
        context.out.line(context.style.faint(`stays: ${what} (${why})`))
      const entries = isBegun ? resume(undo.id, doers, deps) : carryOut(undo, doers, deps)
      return await follow(entries, undo, store, context, { ...words, goOn: words.back })
    }
    const isBegun = (await store.journal(plan.id)).length > 0
    return await follow(
      isBegun ? resume(plan.id, doers, deps) : carryOut(plan, doers, deps),
      plan,
      store,
      context,
      words,
    )
  } finally {
    await store.close()
  }
}

/** A way back that was begun and interrupted is gone on with. */
async function undoing(store: Store, plan: Plan): Promise<{ readonly undo: Plan; readonly isBegun: boolean }> {
  const open = (await store.plans({ open: true })).find(({ undoes }) => undoes === (plan.undoes ?? plan.id))
  if (open) return { undo: open, isBegun: true }
  const undo = undoOf(plan, await store.journal(plan.id))
  if (undo.steps.length > 0) return { undo, isBegun: false }
  throw usage(`plan ${plan.id} has done nothing that could be taken back`, 'antemortem mend list shows what is open.')
}

export const usage = (message: string, hint: string): AntemortemError =>
  new AntemortemError('usage', `verify: ${message}`, hint, { exit: 2 })
