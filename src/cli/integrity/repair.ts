import { AntemortemError } from '../../core/error.ts'
import type { Configuration } from '../../core/configuration.ts'
import type { Plan } from '../../core/plan.ts'
import { carryOut, resume } from '../../plans/carry-out.ts'
import { damageDoers } from '../../repair/damage-doers.ts'
import { printPlan } from '../../repair/print.ts'
import { planJson } from '../../shapes/plan.ts'
import { openStore } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { chosenClusters } from '../clusters.ts'
import type { CommandContext } from '../command.ts'
import { follow, undoing } from './follow.ts'
import type { IntegrityLook } from './look.ts'
import { makePlans } from './plans.ts'

export const deeds = ['plan', 'apply', 'resume', 'undo'] as const
export type Deed = (typeof deeds)[number]

const words = { goOn: 'antemortem integrity --repair resume', back: 'antemortem integrity --repair undo' }

interface Repair {
  readonly deed: Deed
  readonly configuration: Configuration
  readonly look: () => Promise<readonly IntegrityLook[]>
  readonly context: CommandContext
}

/** Plans are made from what is damaged now, and carried out one by one, by their id. */
export async function repair({ deed, configuration, look, context }: Repair): Promise<0 | 1 | 3 | 4> {
  const store = await openStore(configuration.store, { clock: Date.now })
  try {
    if (deed === 'plan') return await plans(store, await look(), context)
    const id = context.args[0]
    if (id === undefined)
      throw usage(`integrity --repair ${deed}: name the plan`, 'antemortem mend list shows the plans there are.')
    const plan = await store.plan(id)
    if (!plan) throw usage(`no plan '${id.slice(0, 80)}'`, 'antemortem mend list shows the plans there are.')
    const [cluster] = chosenClusters(configuration, plan.cluster)
    if (!cluster) throw usage(`no cluster ${plan.cluster}`, 'The configuration changed since the plan was made.')
    const doers = damageDoers(cluster)
    const deps = { store, clock: Date.now, signal: context.signal }
    if (deed === 'undo') {
      const undo = undoing(plan, await store.journal(plan.id), context)
      return await follow(carryOut(undo, doers, deps), undo, store, context, words)
    }
    const entries = deed === 'apply' ? carryOut(plan, doers, deps) : resume(plan.id, doers, deps)
    return await follow(entries, plan, store, context, words)
  } finally {
    await store.close()
  }
}

async function plans(store: Store, looks: readonly IntegrityLook[], context: CommandContext): Promise<0 | 1 | 3> {
  const { format, out, style, width } = context
  const made: Plan[] = []
  for (const look of looks) made.push(...(await makePlans(look, context)))
  for (const plan of made) await store.savePlan(plan)
  const damages = looks.flatMap((look) => look.damages)
  if (format === 'json') out.json({ plans: made.map(planJson) })
  else {
    for (const plan of made) {
      for (const line of printPlan(plan, style, width)) out.line(line)
      if (plan.refusals.length === 0)
        out.line(`\nCarry it out: ${style.name(`antemortem integrity --repair apply ${plan.id}`)}\n`)
    }
    for (const { message, remedy, mend } of damages)
      if (mend.kind === 'words') out.line(`${style.warning('no plan ')}  ${message}\n          ${style.name(remedy)}`)
    if (damages.length === 0) out.line('Nothing that was looked at is damaged: there is nothing to repair.')
  }
  if (looks.every(({ looks: { nodes } }) => nodes.length === 0)) return 3
  return made.some(({ refusals }) => refusals.length > 0) || (made.length === 0 && damages.length > 0) ? 1 : 0
}

const usage = (message: string, hint: string): AntemortemError =>
  new AntemortemError('usage', message, hint, { exit: 2 })
