import { createHash, randomUUID } from 'node:crypto'
import { AntemortemError } from '../../core/error.ts'
import type { JournalEntry, Plan } from '../../core/plan.ts'
import { restoreConnectionDoer } from '../../gate/wrap/connections/restore-connection.ts'
import { restoreDoer } from '../../gate/wrap/files/restore-doer.ts'
import { carryOut, resume } from '../../plans/carry-out.ts'
import { allDoers } from '../../repair/all-doers.ts'
import { planRemedy } from '../../repair/plan.ts'
import { withoutValues } from '../../repair/rows/batch.ts'
import { planDirectory } from '../../repair/rows/files.ts'
import { printJournal, printPlan } from '../../repair/print.ts'
import { openStore } from '../../store/open.ts'
import { planKind } from '../../gate/apply/plan.ts'
import { wayBackDoers } from '../../gate/apply/doers.ts'
import { standing } from '../../store/standing.ts'
import type { Store } from '../../store/store.ts'
import { planJson } from '../../shapes/plan.ts'
import { follow, undo } from '../carrying.ts'
import { chosenClusters } from '../clusters.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { diagnoseNow } from '../diagnosing.ts'

const deeds = ['plan', 'apply', 'resume', 'undo', 'list'] as const

/** The way back: a plan is made from the diagnosis, looked at, and then carried out step by step. */
export default defineCommand({
  name: 'mend',
  summary: 'make a plan from the diagnosis; carry it out, resume it, take it back',
  arguments: [
    { name: '<deed>', summary: 'plan, apply, resume, undo or list' },
    { name: '[plan]', summary: 'the id that mend plan printed; with list, what was done of it' },
  ],
  options: [{ flags: '--cluster <name>', summary: 'the cluster to diagnose' }],
  example: 'antemortem mend plan',
  formats: ['text', 'json'],
  async run(context) {
    const deed = deeds.find((each) => each === context.args[0])
    if (!deed)
      throw usage(
        `there is no 'mend ${context.args[0] ?? ''}'`,
        `There are: ${deeds.map((each) => `mend ${each}`).join(', ')}.`,
      )
    const configuration = await context.config({ needs: 'url' })
    const store = await openStore(configuration.store, { clock: Date.now })
    try {
      if (deed === 'list' && context.args[1] === undefined) return await list(store, context)
      if (deed === 'plan') return await makePlan(store, context)
      const plan = await store.plan(context.args[1] ?? '')
      if (!plan) throw usage(`no plan '${context.args[1] ?? ''}'`, 'antemortem mend list shows them.')
      if (deed === 'list') return tell(plan, await store.journal(plan.id), context)
      const [cluster] = chosenClusters(configuration, plan.cluster)
      if (!cluster) throw usage(`no cluster ${plan.cluster}`, 'The configuration changed since the plan was made.')
      const directory = planDirectory(configuration.store, context.cwd)
      const doers = [
        ...allDoers(cluster, store, directory),
        ...wayBackDoers(cluster, store),
        restoreDoer,
        restoreConnectionDoer(cluster),
      ]
      if (plan.kind === planKind && plan.undoes === undefined && deed !== 'undo')
        throw usage(
          `plan ${plan.id} applies a change`,
          'Its tests need the change: run the gate apply that began it once more, or: mend undo.',
        )
      const deps = { store, clock: Date.now, signal: context.signal }
      const commands = { resume: 'mend resume', undo: 'mend undo' }
      if (deed === 'undo') return await undo(plan, doers, deps, commands, context)
      const entries = deed === 'apply' ? carryOut(plan, doers, deps) : resume(plan.id, doers, deps)
      return await follow(entries, { plan, store, ...commands }, context)
    } finally {
      await store.close()
    }
  },
})

async function makePlan(store: Store, context: CommandContext): Promise<0 | 1> {
  const { diagnosis, bundle } = await diagnoseNow(context, context.options.text('cluster'))
  const [cause] = diagnosis.causes
  const named = cause && (cause.verdict === 'confirmed' || cause.verdict === 'probable') ? cause : null
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  const plan = named && planRemedy(named, bundle.case, { id: `mend-${randomUUID().slice(0, 8)}`, digest })
  if (!plan) {
    if (context.format === 'json') context.out.json({ plan: null, verdict: diagnosis.verdict })
    else
      context.out.line(
        named
          ? `No plan is known for ${named.id}: ${named.remedy.words}`
          : `There is nothing to mend by a plan: the diagnosis is ${diagnosis.verdict}.`,
      )
    return diagnosis.verdict === 'healthy' ? 0 : 1
  }
  await store.savePlan(plan)
  if (context.format === 'json') context.out.json(planJson(plan))
  else {
    for (const line of printPlan(plan, context.style, context.width)) context.out.line(line)
    if (plan.refusals.length === 0)
      context.out.line(`\nCarry it out: ${context.style.name(`antemortem mend apply ${plan.id}`)}`)
  }
  return plan.refusals.length > 0 ? 1 : 0
}

async function list(store: Store, { format, out }: CommandContext): Promise<0> {
  const [plans, open] = [await store.plans(), new Set((await store.plans({ open: true })).map(({ id }) => id))]
  if (format === 'json')
    out.json({ plans: plans.map((plan) => ({ ...planJson(withoutValues(plan)), open: open.has(plan.id) })) })
  else
    for (const plan of plans)
      out.line(`${plan.id}  ${plan.kind}  ${plan.subject}${open.has(plan.id) ? '  begun, not finished' : ''}`)
  return 0
}

function tell(plan: Plan, journal: readonly JournalEntry[], { format, out, style, width }: CommandContext): 0 {
  if (format === 'json') out.json({ plan: planJson(withoutValues(plan)), standing: standing(plan, journal), journal })
  else for (const line of printJournal(plan, journal, style, width)) out.line(line)
  return 0
}

const usage = (message: string, hint: string): AntemortemError =>
  new AntemortemError('usage', message, hint, { exit: 2 })
