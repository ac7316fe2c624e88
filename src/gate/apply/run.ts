import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { GateReport, RollbackClass } from '../../core/gate.ts'
import { onlyRead, type JournalEntry, type Plan } from '../../core/plan.ts'
import type { Severity } from '../../core/severity.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { carryOut, resume } from '../../plans/carry-out.ts'
import { undoOf } from '../../plans/undo-of.ts'
import { hasEffect, isUnclear, lastOf } from '../../store/standing.ts'
import type { Store } from '../../store/store.ts'
import { readChange, type ChangeText } from '../change/read-change.ts'
import { stepsOf, type Step } from '../run/targets.ts'
import { changesBetween, stateOf, stateText } from './cluster-state.ts'
import { gateDoersOf, type GateReach } from './doers.ts'
import { GateRecords } from './kept.ts'
import { classOf, isTakenBackAlone, nothingToUndo, planChange } from './plan.ts'
import { lookAtCluster, primaryIn } from './reach.ts'
import { blocks, changeDigest, changedMeanwhile, lastRehearsal, rehearseAndKeep, type Digest } from './rehearsed.ts'
import { applyReport, stepFinding, type ApplyReport } from './report.ts'
import { touchedBy } from './touched.ts'
import { unfinished, type Unfinished } from './unfinished.ts'
import { unitsOf } from './units.ts'

export interface ApplyOptions {
  readonly cluster: ClusterConfig
  readonly files: readonly ChangeText[]
  readonly serving: ReadonlySet<string>
  readonly allow: readonly string[]
  readonly failOn: Severity
  readonly budgetMs: number
  readonly store: Store
  readonly digest: Digest
  readonly newId: () => string
  readonly keepFile: GateReach['keepFile']
  readonly signal: AbortSignal
  readonly clock: () => number
  readonly today: () => string
  readonly leaseTtlMs?: number
  readonly progress: (words: string) => void
  /** A plan that a second person has signed; null: the rehearsal speaks for the change. */
  readonly approved: Plan | null
  /** Shown before anything is done; false: it is not to be done. */
  readonly agree: (proposed: Proposed) => Promise<boolean>
  readonly onEntry: (entry: JournalEntry, plan: Plan) => void
}

/** What is about to be done, and how far it could be taken back. */
export interface Proposed {
  readonly plan: Plan
  readonly rollback: RollbackClass
  /** Every step that changes something has an exact way back, which is gone by itself when the tests fail. */
  readonly isAutomatic: boolean
}

/** A change that may be carried out. */
export interface Prepared extends Proposed {
  readonly rehearsal: GateReport | null
  readonly steps: readonly Step[]
}

const limits = {
  validMs: { default: 900_000, unit: 'ms', why: 'a plan speaks of a cluster that somebody has just looked at' },
} as const

/** The whole way of a change into production: what was left is finished first, then it is rehearsed, planned, asked, done and tested. */
export async function applyChange(options: ApplyOptions): Promise<ApplyReport> {
  const { cluster, store, digest } = options
  const change = changeDigest(options.files, digest)
  const left = await unfinished(store, { cluster: cluster.name, change })
  if (left) return finish(options, left)
  const prepared = await prepare(options)
  if ('stage' in prepared) return prepared
  if (!(await options.agree(prepared)))
    return applyReport({
      ...of(options),
      ...prepared,
      plan: prepared.plan.id,
      stage: 'rehearse',
      verdict: prepared.rehearsal?.verdict ?? 'pass',
      findings: prepared.rehearsal?.findings ?? [],
      notes: ['not applied: nobody agreed to it'],
    })
  return carried(options, prepared.plan, prepared, false)
}

/** A plan for a change that was rehearsed on this very cluster; else what speaks against it. */
export async function prepare(options: ApplyOptions): Promise<Prepared | ApplyReport> {
  const { cluster, files, failOn, digest, signal, progress, clock, approved } = options
  const records = new GateRecords(options.store, clock)
  const change = changeDigest(files, digest)
  progress('looking at the cluster')
  const snapshot = await lookAtCluster(cluster, signal)
  const fingerprint = digest(stateText(stateOf(snapshot)))
  const steps = await stepsIn(options, snapshot)
  const units = unitsOf(steps)
  const rollback = classOf(units)
  if (approved) {
    if (approved.basis.fingerprint !== fingerprint || approved.steps[0]?.input['change'] !== change) throw notApproved()
    return { steps, plan: approved, rollback, isAutomatic: approved.steps.every(isTakenBackAlone), rehearsal: null }
  }
  const done = await records.find('gate-applied', cluster.name)
  if (done?.body.change === change && done.body.fingerprint === fingerprint)
    return applyReport({
      ...of(options),
      ...done.body,
      stage: 'verify',
      rollback,
      rehearsal: null,
      notes: [`it was applied already, and production passed its tests at ${new Date(done.atMs).toISOString()}`],
    })
  const last = await lastRehearsal(records, { cluster: cluster.name, change, nowMs: clock() })
  const isSame = last !== null && last.fingerprint === fingerprint
  const kept = isSame ? last : (await rehearseAndKeep(options, { records, digest })).kept
  const { report } = kept
  if (blocks(report, failOn)) return applyReport({ ...of(options), stage: 'rehearse', verdict: 'block', rollback, rehearsal: report, findings: report.findings })
  if (kept.fingerprint !== fingerprint)
    throw changedMeanwhile(changesBetween(kept.state, stateOf(snapshot)).map(({ object }) => object))
  const plan = planChange({
    id: options.newId(),
    cluster: cluster.name,
    primary: primaryIn(snapshot),
    change,
    fingerprint,
    units,
    snapshot,
    canAct: (node) => cluster.nodes.some(({ name, act }) => name === node && act !== null),
    budgetMs: options.budgetMs,
    atMs: clock(),
    validForMs: limits.validMs.default,
  })
  return { steps, plan, rollback, isAutomatic: plan.steps.every(isTakenBackAlone), rehearsal: report }
}

async function stepsIn({ files }: Pick<ApplyOptions, 'files'>, snapshot: Snapshot): Promise<readonly Step[]> {
  const statements = (await Promise.all(files.map(readChange))).flat()
  const targets = snapshot.nodes.flatMap(({ name, role }) => (role === null ? [] : [{ name, role }]))
  return stepsOf(statements, targets)
}

const notApproved = (): AntemortemError =>
  new AntemortemError(
    'plan-does-not-fit',
    'the plan was approved for another change, or for the cluster as it was then',
    'Have the change approved anew: --approve OUT.',
    { exit: 2 },
  )

/** Goes on with what a process that died has left of this change, or says what is left of another one. */
async function finish(options: ApplyOptions, { plan, undo }: Unfinished): Promise<ApplyReport> {
  const snapshot = await lookAtCluster(options.cluster, options.signal)
  const steps = await stepsIn(options, snapshot)
  const rollback = classOf(unitsOf(steps))
  const last = await lastRehearsal(new GateRecords(options.store, options.clock), {
    cluster: options.cluster.name,
    change: changeDigest(options.files, options.digest),
    nowMs: options.clock(),
  })
  const proposed = { steps, plan, rollback, isAutomatic: plan.steps.every(isTakenBackAlone), rehearsal: last?.report ?? null }
  if (undo) return rolledBack(options, proposed, { back: undo, isBegun: true, findings: [] })
  return carried(options, plan, proposed, true)
}

/** Carries the plan out, or goes on with it, and takes it back where that can be done exactly. */
async function carried(options: ApplyOptions, plan: Plan, prepared: Prepared, isBegun: boolean): Promise<ApplyReport> {
  const { store } = options
  const doers = gateDoersOf(reachOf(options, prepared))
  const failed = await follow(options, plan, isBegun ? resume(plan.id, doers, deps(options)) : carryOut(plan, doers, deps(options)))
  const said = (await new GateRecords(store, options.clock).find('gate-verdict', plan.id))?.body
  const base = { ...of(options), ...prepared, plan: plan.id, journal: journalOf(options, plan) }
  if (failed === null)
    return applyReport({
      ...base,
      stage: 'verify',
      verdict: said?.verdict ?? 'pass',
      findings: said?.findings ?? [],
      undeclared: said?.undeclared ?? [],
      notes: [...(said?.notes ?? []), ...unconfirmed(plan, await store.journal(plan.id))],
    })
  const isTest = plan.steps.find(({ n }) => n === failed.n)?.kind === 'gate-test'
  const findings = isTest && said?.verdict === 'block' ? said.findings : [findingOf(plan, failed)]
  const journal = await store.journal(plan.id)
  const last = lastOf(journal)
  const back = undoOf(plan, journal)
  const isUnknown = [...last.values()].some(isUnclear)
  const done = plan.steps.filter(({ n }) => hasEffect(last.get(n)))
  const acted = done.filter(({ undo }) => 'step' in undo || (undo.none !== onlyRead && undo.none !== nothingToUndo))
  const failure = { ...base, verdict: 'block' as const, findings, undeclared: (isTest && said?.undeclared) || [] }
  if (!isUnknown && acted.length === 0)
    return applyReport({ ...failure, stage: 'rolled-back', notes: ['nothing of it was kept'] })
  if (!isUnknown && done.every(isTakenBackAlone))
    return rolledBack(options, { ...prepared, plan }, { back, isBegun: false, findings })
  return applyReport({
    ...failure,
    stage: isTest ? 'verify' : 'apply',
    left: leftWords(plan, back.steps.length > 0, isUnknown),
  })
}

/** Commits that no synchronous standby has confirmed within the budget: they stand here, and are sent like any other. */
const unconfirmed = (plan: Plan, journal: readonly JournalEntry[]): readonly string[] =>
  journal
    .filter(({ output }) => output['unconfirmed_by_standby'] === true)
    .map(({ n }) => {
      const step = plan.steps.find((each) => each.n === n)
      return `${step?.node}: "${step?.words}" is committed, and no synchronous standby has confirmed it: look at synchronous_standby_names`
    })

/** The plan that takes it back, carried out or gone on with. */
async function rolledBack(
  options: ApplyOptions,
  prepared: Prepared,
  { back, isBegun, findings }: { back: Plan; isBegun: boolean; findings: ApplyReport['findings'] },
): Promise<ApplyReport> {
  options.progress('taking the change back')
  const doers = gateDoersOf({ ...reachOf(options, prepared), change: null })
  const entries = isBegun ? resume(back.id, doers, deps(options)) : carryOut(back, doers, deps(options))
  const failed = await follow(options, back, entries)
  const base = { ...of(options), ...prepared, plan: prepared.plan.id, journal: journalOf(options, prepared.plan), verdict: 'block' as const }
  if (failed === null)
    return applyReport({ ...base, stage: 'rolled-back', findings, ...(await leftBehind(options, prepared.plan)) })
  return applyReport({
    ...base,
    stage: 'apply',
    findings: [...findings, findingOf(back, failed)],
    left: `The way back is not finished: antemortem mend resume ${back.id}`,
  })
}

/** Whether all is as it was: by looking, not by the journal. */
async function leftBehind(
  { cluster, store, clock, signal }: ApplyOptions,
  { id }: Plan,
): Promise<Pick<ApplyReport, 'undeclared'>> {
  const before = await new GateRecords(store, clock).find('gate-before', id)
  if (!before) return { undeclared: [] }
  const now = await lookAtCluster(cluster, signal)
  return { undeclared: changesBetween(stateOf(before.body.production.snapshot), stateOf(now)) }
}

/** The entry of the step that failed; null where all are done. */
async function follow(
  { onEntry }: ApplyOptions,
  plan: Plan,
  entries: AsyncIterable<JournalEntry>,
): Promise<JournalEntry | null> {
  const failed: JournalEntry[] = []
  try {
    for await (const entry of entries) {
      onEntry(entry, plan)
      if (entry.phase === 'failed' || entry.phase === 'unknown') failed.push(entry)
    }
  } catch (error) {
    // A step of which nobody can see whether it was done is told in the report, with the plan.
    if (failed.at(-1)?.phase !== 'unknown') throw error
  }
  return failed.at(-1) ?? null
}

const findingOf = (plan: Plan, entry: JournalEntry) =>
  stepFinding(
    plan.steps.find(({ n }) => n === entry.n),
    entry,
  )

const of = ({ files }: ApplyOptions) => ({ files: files.map(({ name }) => name) })

const journalOf = ({ store }: ApplyOptions, { id }: Plan): string => `${store.where}#${id}`

const deps = ({ store, clock, signal, leaseTtlMs }: ApplyOptions) => ({
  store,
  clock,
  signal,
  ...(leaseTtlMs === undefined ? {} : { leaseTtlMs }),
})

function leftWords(plan: Plan, hasWayBack: boolean, isUnknown: boolean): string {
  const look = isUnknown ? 'Whether a step was done could not be seen: look first. ' : ''
  const back = hasWayBack ? `   or take back what can be: antemortem mend undo ${plan.id}` : ''
  return `${look}Go on: run the same command again${back}`
}

function reachOf(options: ApplyOptions, { steps }: Prepared): GateReach {
  const { cluster, store, digest, keepFile, clock, serving, allow, failOn, today } = options
  return {
    cluster,
    records: new GateRecords(store, clock),
    digest,
    keepFile,
    change: { steps, touched: touchedBy(steps), serving, allow, failOn, today },
  }
}
