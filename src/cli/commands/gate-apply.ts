import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { AntemortemError } from '../../core/error.ts'
import type { JournalEntry, Plan } from '../../core/plan.ts'
import { severities } from '../../core/severity.ts'
import type { ApplyReport } from '../../gate/apply/report.ts'
import type { ApplyOptions, Proposed } from '../../gate/apply/prepare.ts'
import { writeKept } from '../../gate/files/write-kept.ts'
import { printPlan } from '../../repair/print.ts'
import { planDirectory } from '../../repair/rows/files.ts'
import { gateReportJson } from '../../shapes/gate.ts'
import { openStore } from '../../store/open.ts'
import { askYes } from '../ask.ts'
import { oneCluster, servingNodes } from '../clusters.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { readApproved, signingKey, writeApproval } from '../gate/approvals.ts'
import { readChangeFiles } from '../change-files.ts'
import { failOnOf } from '../fail-on.ts'

const defaultBudgetMs = 1_000
const leastBudgetMs = 50

/** Brings a rehearsed change into production: locks within a budget, tests afterwards, and back again where they fail. */
export default defineCommand({
  name: 'gate apply',
  summary: 'apply a rehearsed change to production, test it there, and take it back where it fails',
  arguments: [
    {
      name: '<files...>',
      summary:
        'SQL, or lines of a postgresql.conf, or a pg_hba.conf; `-- antemortem:on NODE` (`# …` in a .conf) says for which node',
    },
  ],
  options: [
    { flags: '--cluster <name>', summary: 'the cluster that the change is for' },
    {
      flags: '--fail-on <severity>',
      summary: 'from this severity on a finding stops the change, or takes it back',
      choices: severities,
      default: 'error',
    },
    { flags: '--lock-budget <duration>', summary: 'nobody waits longer for what the change locks; 1s' },
    { flags: '--allow <what...>', summary: 'what else may change: schema:public.users,settings:work_mem' },
    { flags: '--leave <plan>', summary: 'another change that is half done stays as it is: somebody has looked at it' },
    { flags: '--yes', summary: 'apply also what cannot be taken back exactly' },
    { flags: '--approve <out>', summary: 'apply nothing: sign the plan for somebody else, into this file' },
    { flags: '--plan <file>', summary: 'a plan that was signed with --approve stands for the rehearsal' },
    {
      flags: '--key <source>',
      summary: 'env:NAME or file:PATH: the private key to sign with, the public key to verify with',
    },
  ],
  example: 'antemortem gate apply migrations/0007_split_credentials.sql',
  formats: ['text', 'json'],
  async run(context) {
    const files = readChangeFiles(context.args, 'Name a file with SQL, or a .conf.')
    const configuration = await context.config({ needs: 'url' })
    const cluster = oneCluster(configuration, context.options.text('cluster'))
    const [{ applyChange }, { prepare }, { readAllowed }] = await Promise.all([
      import('../../gate/apply/run.ts'),
      import('../../gate/apply/prepare.ts'),
      import('../../gate/allow.ts'),
    ])
    const [out, plan] = [context.options.text('approve'), context.options.text('plan')]
    if (out !== null && plan !== null) throw usage('--approve and --plan are two people', 'Give one of them.')
    const allow = readAllowed(context.options.list('allow'))
    const approved = plan === null ? null : readApproved(plan, context.options.text('key'))
    const key = out === null ? null : signingKey(context.options.text('key'))
    const store = await openStore(configuration.store, { clock: Date.now })
    try {
      let isTested = false
      const directory = planDirectory(configuration.store, context.cwd)
      const options: ApplyOptions = {
        ...settingsOf(context),
        cluster,
        files,
        serving: servingNodes(cluster),
        allow,
        store,
        leave: context.options.text('leave'),
        keepFile(name, bytes) {
          const file = join(directory, name)
          writeKept(file, bytes)
          return file
        },
        approved,
        agree: async (proposed) => agree(proposed, context),
        onEntry(entry, of) {
          const step = of.steps.find(({ n }) => n === entry.n)
          isTested ||= step?.kind === 'gate-test' && entry.phase === 'done'
          tell(entry, of, context)
        },
      }
      if (out === null || key === null) {
        const report = await applyChange(options)
        const isGreen = isTested && report.stage === 'verify' && report.verdict === 'pass'
        const { keepAsItIs } = await import('../gate/keep-good.ts')
        return await say(report, isGreen && (await keepAsItIs(store, cluster, context.signal)), context)
      }
      const prepared = await prepare(options)
      if ('stage' in prepared) return await say(prepared, false, context)
      await show(prepared, context)
      writeApproval(out, prepared.plan, key)
      if (context.format === 'json')
        context.out.json({ approved: out, plan: prepared.plan.id, rollback: prepared.rollback })
      else
        context.out.line(
          `\nsigned: ${context.style.name(`antemortem gate apply ${context.args.join(' ')} --plan ${out} --key file:PUBLIC_KEY`)}`,
        )
      return 0
    } finally {
      await store.close()
    }
  },
})

function settingsOf(context: CommandContext) {
  const { options, signal, progress } = context
  const budgetMs = options.duration('lock-budget') ?? defaultBudgetMs
  if (budgetMs < leastBudgetMs)
    throw usage(`--lock-budget: ${budgetMs} ms is too short for any lock`, `Give at least ${leastBudgetMs}ms.`)
  return {
    failOn: failOnOf(options),
    budgetMs,
    digest: (text: string): string => createHash('sha256').update(text).digest('hex'),
    newId: () => `gate-${randomUUID().slice(0, 8)}`,
    signal,
    clock: Date.now,
    today: () => new Date().toISOString().slice(0, 10),
    progress,
  } as const
}

/** The plan and its way back are printed before anything is done; from R2 on somebody agrees to it. */
async function agree(proposed: Proposed, context: CommandContext): Promise<boolean> {
  const { needsAgreement } = await show(proposed, context)
  if (!needsAgreement || proposed.plan.refusals.length > 0 || context.options.flag('yes')) return true
  const answer = await askYes(
    `Apply it, though it may not be taken back exactly (${proposed.rollback})?`,
    context.signal,
  )
  if (answer !== null) return answer
  throw usage(
    `the change cannot be taken back exactly (${proposed.rollback}), and nobody is there to agree to it`,
    'Read the plan, then: gate apply --yes.',
  )
}

async function show(proposed: Proposed, context: CommandContext): Promise<{ readonly needsAgreement: boolean }> {
  const { rollbackLines, needsAgreement } = await import('../../gate/apply/print.ts')
  const { out, style, width } = context
  for (const line of printPlan(proposed.plan, style, width)) out.line(line)
  for (const line of rollbackLines(proposed, { style, width })) out.line(line)
  out.line()
  return { needsAgreement: needsAgreement(proposed) }
}

function tell({ n, phase, output }: JournalEntry, plan: Plan, { out, style, progress }: CommandContext): void {
  const words = plan.steps.find((step) => step.n === n)?.words ?? ''
  if (phase === 'begun') return progress(words)
  const back = plan.undoes === undefined ? '' : 'back '
  const mark = phase === 'done' ? style.good('done   ') : style.bad(phase === 'failed' ? 'FAILED ' : 'UNKNOWN')
  out.line(`${mark} ${back}${n}  ${words}${phase === 'done' ? '' : `: ${String(output['error'] ?? '')}`}`)
}

async function say(report: ApplyReport, isGood: boolean, context: CommandContext): Promise<0 | 1 | 4> {
  const { out, format, style, width } = context
  if (format === 'json')
    out.json({
      ...gateReportJson(report),
      plan: report.plan,
      notes: report.notes,
      left: report.left,
      last_known_good: isGood,
    })
  else {
    const { printApplied } = await import('../../gate/apply/print.ts')
    for (const line of printApplied(report, { style, width })) out.line(line)
    if (isGood) out.line(style.faint('This state is the last known good from now on.'))
  }
  return exitOf(report)
}

/** Refused before anything was done is 1; what was begun and did not pass is 4. */
const exitOf = ({ stage, verdict, plan }: ApplyReport): 0 | 1 | 4 => {
  if (stage === 'rehearse') return verdict === 'block' || plan !== null ? 1 : 0
  return stage === 'verify' && verdict !== 'block' ? 0 : 4
}

const usage = (message: string, hint: string): AntemortemError =>
  new AntemortemError('usage', message, hint, { exit: 2 })
