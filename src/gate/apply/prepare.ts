import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { GateReport, RollbackClass } from '../../core/gate.ts'
import type { JournalEntry, Plan } from '../../core/plan.ts'
import type { Severity } from '../../core/severity.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { Store } from '../../store/store.ts'
import type { ChangeText } from '../change/read-change.ts'
import { worst } from '../change/rollback-class.ts'
import { readChangeFile } from '../files/read-file.ts'
import type { Allowed } from '../allow.ts'
import { assertCanaryTables } from '../beat/assert-tables.ts'
import { tableName } from '../beat/beat.ts'
import { owningContracts } from '../beat/own-connections.ts'
import { stepsOf, type Step } from '../run/targets.ts'
import { changesBetween, stateOf, stateText } from './cluster-state.ts'
import type { GateReach } from './doers.ts'
import { keepableIn, keptIn } from './connections.ts'
import { assertEffective, assertReachable } from './file-unit.ts'
import { GateRecords } from './kept.ts'
import { classOf, isTakenBackAlone, planChange } from './plan.ts'
import { lookAtCluster, primaryIn } from './reach.ts'
import { blocks, changeDigest, changedMeanwhile, lastRehearsal, rehearseAndKeep, type Digest } from './rehearsed.ts'
import { applyReport, type ApplyReport } from './report.ts'
import { askBefore } from '../wayback/told/ask.ts'
import { unitsOf } from './units.ts'

export interface ApplyOptions {
  readonly cluster: ClusterConfig
  readonly files: readonly ChangeText[]
  readonly serving: ReadonlySet<string>
  readonly allow: readonly Allowed[]
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
  /** A plan whose change stays half done as it is; null: none. */
  readonly leave: string | null
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
  assertReachable(units, cluster)
  assertEffective(units, snapshot)
  await assertCanaryTables(cluster, signal)
  const keepable = approved ? keptIn(approved) : await keepableIn(units, cluster, signal)
  const rollback = classOf(units, keepable)
  if (approved) {
    if (approved.basis.fingerprint !== fingerprint || approved.steps[0]?.input['change'] !== change) throw notApproved()
    return { steps, plan: approved, rollback, isAutomatic: approved.steps.every(isTakenBackAlone), rehearsal: null }
  }
  const done = await records.find('gate-applied', cluster.name)
  if (done?.body.change === change && done.body.fingerprint === fingerprint)
    return applyReport({
      ...filesOf(options),
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
  if (blocks(report, failOn))
    return applyReport({
      ...filesOf(options),
      stage: 'rehearse',
      verdict: 'block',
      rollback,
      rehearsal: report,
      findings: report.findings,
    })
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
    keepable,
    told: await askBefore(cluster, steps, signal),
    canAct: (node) => cluster.nodes.some(({ name, act }) => name === node && act !== null),
    canaryTables: [...new Set(owningContracts(cluster).map(({ table }) => tableName(table)))],
    budgetMs: options.budgetMs,
    atMs: clock(),
    validForMs: limits.validMs.default,
  })
  const isAutomatic = plan.steps.every(isTakenBackAlone) && !isWorseThanItsForm(rollback, report)
  return { steps, plan, rollback: worst([rollback, report.rollback]), isAutomatic, rehearsal: report }
}

/** The way back that the rehearsal has tried did not bring everything back. */
export const isWorseThanItsForm = (form: RollbackClass, rehearsal: GateReport | null): boolean =>
  rehearsal !== null && worst([form, rehearsal.rollback]) !== form

/** The statements with their nodes, as they stand in this cluster. */
export async function stepsIn({ files }: Pick<ApplyOptions, 'files'>, snapshot: Snapshot): Promise<readonly Step[]> {
  const statements = (await Promise.all(files.map(readChangeFile))).flat()
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

export const filesOf = ({ files }: Pick<ApplyOptions, 'files'>) => ({ files: files.map(({ name }) => name) })
