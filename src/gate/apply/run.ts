import { AntemortemError } from '../../core/error.ts'
import { onlyRead, type JournalEntry, type Plan } from '../../core/plan.ts'
import { worst } from '../change/rollback-class.ts'
import { beatFindings, beatNotes } from '../beat/told.ts'
import { carryOut, resume } from '../../plans/carry-out.ts'
import { undoOf } from '../../plans/undo-of.ts'
import { hasEffect, isUnclear, lastOf } from '../../store/standing.ts'
import { changesBetween, stateOf } from './cluster-state.ts'
import { keptIn } from './connections.ts'
import { gateDoersOf, type GateReach } from './doers.ts'
import { GateRecords } from './kept.ts'
import { classOf, isTakenBackAlone, nothingToUndo } from './plan.ts'
import { filesOf, isWorseThanItsForm, prepare, stepsIn, type ApplyOptions, type Prepared } from './prepare.ts'
import { lookAtCluster } from './reach.ts'
import { changeDigest, lastRehearsal } from './rehearsed.ts'
import { applyReport, stepFinding, type ApplyReport } from './report.ts'
import { touchedBy } from './touched.ts'
import { unfinished, type Unfinished } from './unfinished.ts'
import { unitsOf } from './units.ts'

/** The whole way of a change into production: what was left is finished first, then it is rehearsed, planned, asked, done and tested. */
export async function applyChange(options: ApplyOptions): Promise<ApplyReport> {
  const { cluster, store, digest } = options
  const change = changeDigest(options.files, digest)
  const records = new GateRecords(store, options.clock)
  if (options.leave !== null) await records.save('gate-left', options.leave, null)
  const left = await unfinished(store, {
    cluster: cluster.name,
    change,
    left: async (plan) => (await records.find('gate-left', plan)) !== null,
  })
  if (left) return finish(options, left)
  const prepared = await prepare(options)
  if ('stage' in prepared) return prepared
  if (!(await options.agree(prepared)))
    return applyReport({
      ...filesOf(options),
      ...prepared,
      plan: prepared.plan.id,
      stage: 'rehearse',
      verdict: prepared.rehearsal?.verdict ?? 'pass',
      findings: prepared.rehearsal?.findings ?? [],
      notes: ['not applied: nobody agreed to it'],
    })
  return carried(options, prepared.plan, prepared, false)
}

/** Goes on with what a process that died has left of this change, or says what is left of another one. */
async function finish(options: ApplyOptions, { plan, undo }: Unfinished): Promise<ApplyReport> {
  const snapshot = await lookAtCluster(options.cluster, options.signal)
  const steps = await stepsIn(options, snapshot)
  const rollback = classOf(unitsOf(steps), keptIn(plan))
  const last = await lastRehearsal(new GateRecords(options.store, options.clock), {
    cluster: options.cluster.name,
    change: changeDigest(options.files, options.digest),
    nowMs: options.clock(),
  })
  const proposed = {
    steps,
    plan,
    rollback: worst([rollback, last?.report.rollback ?? rollback]),
    isAutomatic: plan.steps.every(isTakenBackAlone) && !isWorseThanItsForm(rollback, last?.report ?? null),
    rehearsal: last?.report ?? null,
  }
  if (undo) return rolledBack(options, proposed, { back: undo, isBegun: true, findings: [] })
  return carried(options, plan, proposed, true)
}

/** Carries the plan out, or goes on with it, and takes it back where that can be done exactly. */
async function carried(options: ApplyOptions, plan: Plan, prepared: Prepared, isBegun: boolean): Promise<ApplyReport> {
  const { store } = options
  const doers = gateDoersOf(reachOf(options, prepared))
  const failed = await follow(
    options,
    plan,
    isBegun ? resume(plan.id, doers, deps(options)) : carryOut(plan, doers, deps(options)),
  )
  const said = (await new GateRecords(store, options.clock).find('gate-verdict', plan.id))?.body
  const base = { ...filesOf(options), ...prepared, plan: plan.id, journal: journalOf(options, plan) }
  if (failed === null) {
    await forgetBefore(options, plan)
    return applyReport({
      ...base,
      stage: 'verify',
      verdict: said?.verdict ?? 'pass',
      findings: said?.findings ?? [],
      undeclared: said?.undeclared ?? [],
      notes: [...(said?.notes ?? []), ...unconfirmed(plan, await store.journal(plan.id))],
    })
  }
  const isTest = plan.steps.find(({ n }) => n === failed.n)?.kind === 'gate-test'
  const findings = isTest && said?.verdict === 'block' ? said.findings : [findingOf(plan, failed)]
  const journal = await store.journal(plan.id)
  const last = lastOf(journal)
  const back = undoOf(plan, journal)
  const isUnknown = [...last.values()].some(isUnclear)
  const done = plan.steps.filter(({ n }) => hasEffect(last.get(n)))
  const acted = done.filter(
    ({ kind, undo }) =>
      kind !== 'gate-canary' && ('step' in undo || (undo.none !== onlyRead && undo.none !== nothingToUndo)),
  )
  const failure = { ...base, verdict: 'block' as const, findings, undeclared: (isTest && said?.undeclared) || [] }
  if (!isUnknown && acted.length === 0)
    return applyReport({ ...failure, stage: 'rolled-back', notes: ['nothing of it was kept'] })
  const isWorse = isWorseThanItsForm(classOf(unitsOf(prepared.steps), keptIn(plan)), prepared.rehearsal)
  if (!isUnknown && !isWorse && done.every(isTakenBackAlone))
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
  const base = {
    ...filesOf(options),
    ...prepared,
    plan: prepared.plan.id,
    journal: journalOf(options, prepared.plan),
    verdict: 'block' as const,
  }
  if (failed === null) {
    const behind = await leftBehind(options, prepared.plan)
    const rows = await rowsBehind(options, prepared.plan, back)
    await forgetBefore(options, prepared.plan)
    return applyReport({ ...base, stage: 'rolled-back', ...behind, ...rows, findings: [...findings, ...rows.findings] })
  }
  return applyReport({
    ...base,
    stage: 'apply',
    findings: [...findings, findingOf(back, failed)],
    left: `The way back is not finished: antemortem mend resume ${back.id}`,
  })
}

/** A whole picture of the cluster, which nobody needs any more. */
const forgetBefore = async ({ store, clock }: ApplyOptions, { id }: Plan): Promise<void> =>
  new GateRecords(store, clock).forget('gate-before', id)

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

/** Whether the contracts' own rows reach again what they reached before. */
async function rowsBehind(
  { store, clock }: ApplyOptions,
  plan: Plan,
  back: Plan,
): Promise<{ findings: ApplyReport['findings']; notes: readonly string[]; left?: string }> {
  const records = new GateRecords(store, clock)
  const [before, after] = await Promise.all([records.find('gate-beats', plan.id), records.find('gate-beats', back.id)])
  const beats = { before: before?.body ?? [], after: after?.body ?? [], behind: 'the way back' }
  const findings = beatFindings(beats)
  const left = 'The change is taken back, and rows still do not go the way that they went before: antemortem diagnose'
  return { findings, notes: beatNotes(beats), ...(findings.length === 0 ? {} : { left }) }
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
    if (error instanceof AntemortemError && error.code === 'interrupted')
      throw new AntemortemError('interrupted', error.message, goOn(plan.undoes ?? plan.id), { exit: 130, cause: error })
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

const journalOf = ({ store }: ApplyOptions, { id }: Plan): string => `${store.where}#${id}`

const deps = ({ store, clock, signal, leaseTtlMs }: ApplyOptions) => ({
  store,
  clock,
  signal,
  ...(leaseTtlMs === undefined ? {} : { leaseTtlMs }),
})

function leftWords(plan: Plan, hasWayBack: boolean, isUnknown: boolean): string {
  const look = isUnknown ? 'Whether a step was done could not be seen: look first. ' : ''
  return `${look}${hasWayBack ? goOn(plan.id) : 'Go on: run the same command again'}`
}

const goOn = (plan: string): string =>
  `Go on: run the same command again   or take back what can be: antemortem mend undo ${plan}`

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
