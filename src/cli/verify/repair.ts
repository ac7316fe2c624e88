import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError, type ExitCode } from '../../core/error.ts'
import type { VerifyReport } from '../../core/verification.ts'
import { allDoers } from '../../repair/all-doers.ts'
import { planDirectory } from '../../repair/rows/files.ts'
import { openStore } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { apply, undo } from '../carrying.ts'
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
    const commands = { resume: 'verify --repair apply', undo: 'verify --repair undo' }
    return await (deed === 'undo' ? undo : apply)(plan, doers, deps, commands, context)
  } finally {
    await store.close()
  }
}

export const usage = (message: string, hint: string): AntemortemError =>
  new AntemortemError('usage', `verify: ${message}`, hint, { exit: 2 })
