import type { ClusterConfig } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'
import type { GateReport } from '../core/gate.ts'
import type { Severity } from '../core/severity.ts'
import { startLab } from '../lab/start-lab.ts'
import type { Lab } from '../lab/lab.ts'
import type { ChangeText } from './change/read-change.ts'
import { readChange } from './change/read-change.ts'
import { rollbackClass, worst } from './change/rollback-class.ts'
import type { ClusterCopy } from './copy/blueprint.ts'
import { copyOf } from './copy/blueprint.ts'
import { notBuiltIn } from './copy/not-built.ts'
import { readCluster } from './copy/read-cluster.ts'
import { judge } from './judge.ts'
import type { Rehearsal } from './rehearsal.ts'
import { rules } from './rules.generated.ts'
import { rehearseChange } from './run/rehearse-change.ts'
import { begin, closeStage, openStage } from './run/stage.ts'
import { stepsOf } from './run/targets.ts'

export interface RehearseOptions {
  readonly cluster: ClusterConfig
  readonly files: readonly ChangeText[]
  /** Nodes that serve reads of a contract. */
  readonly serving: ReadonlySet<string>
  readonly signal: AbortSignal
  readonly progress?: (words: string) => void
  /** From this severity on a finding blocks. */
  readonly failOn?: Severity
}

export interface RehearsalReport extends GateReport {
  /** What the rehearsal cannot speak for. */
  readonly notRehearsed: readonly string[]
  /** What ignore comments have muted, and which of them have ended. */
  readonly notes: readonly string[]
  readonly tookMs: number
}

/**
 * Runs a change on a throw-away copy of the cluster and says what it would do. The cluster itself is only read, from its
 * catalog; the copy is gone afterwards, whatever happens.
 */
export async function rehearse(options: RehearseOptions): Promise<RehearsalReport> {
  const { cluster, files, serving, signal, progress = () => undefined, failOn = 'error' } = options
  const startedMs = performance.now()
  const statements = (await Promise.all(files.map(readChange))).flat()
  refuseUnknown(statements.flatMap(({ file, ignores }) => ignores.map((ignore) => ({ file, ...ignore }))))
  if (statements.length === 0)
    throw new AntemortemError('change-empty', 'there is no statement in the change', 'Name a file with SQL.', {
      exit: 2,
    })
  progress('reading the cluster')
  const real = await readCluster(cluster, signal)
  const copy = copyOf(real)
  const steps = stepsOf(statements, copy.blueprint.nodes)
  const { lab, notes: labNotes } = await startCopy(copy, signal, progress)
  let rehearsal: Rehearsal
  try {
    const stage = await openStage(lab, copy.afterStart, signal)
    try {
      await begin(stage)
      const notBuilt = await notBuiltIn(stage, real)
      rehearsal = await rehearseChange(stage, { cluster: cluster.name, steps, serving, notBuilt, progress })
    } finally {
      await closeStage(stage)
    }
  } finally {
    await lab.close()
  }
  const today = new Date().toISOString().slice(0, 10)
  const { verdict, findings, notes } = judge(rehearsal, { rules, today, failOn })
  return {
    change: files.map(({ name }) => name).join(', '),
    stage: 'rehearse',
    verdict,
    findings,
    locks: rehearsal.results.flatMap(({ locks }) => locks),
    // Of the primary: what it sends to all others.
    walBytes: rehearsal.results.reduce((sum, { node, walBytes }) => sum + (node === real.primary ? walBytes : 0), 0),
    rollback: worst(rehearsal.statements.map(({ tree }) => rollbackClass(tree))),
    undeclared: [],
    notRehearsed: [...labNotes, ...rehearsal.notBuilt, ...unfilled(rehearsal), ...copy.notRehearsed],
    notes,
    tookMs: performance.now() - startedMs,
  }
}

/** With the version of production where its programs are here, else with what there is. */
export async function startCopy(
  { blueprint, major }: ClusterCopy,
  signal: AbortSignal,
  progress: (words: string) => void,
): Promise<{ readonly lab: Lab; readonly notes: readonly string[] }> {
  try {
    return { lab: await startLab(blueprint, { major, signal, progress }), notes: [] }
  } catch (error) {
    if (!(error instanceof AntemortemError) || error.code !== 'lab-no-postgres') throw error
    const lab = await startLab(blueprint, { signal, progress })
    return { lab, notes: [`PostgreSQL ${major}: its programs are not installed here, the copy ran another version`] }
  }
}

/** Tables for whose rows no value was found. */
export const unfilled = ({ canaries, untested }: Rehearsal): readonly string[] => {
  const refused = canaries.filter(({ step, outcome }) => step === 'insert' && outcome === 'refused')
  const byTable = new Map(refused.map(({ schema, table, detail }) => [`${schema}.${table}`, detail]))
  return [
    ...[...byTable].map(([table, detail]) => `rows of ${table}: it took no test row: ${detail ?? ''}`),
    ...(untested === 0 ? [] : [`rows of ${untested} further published tables that the change does not touch`]),
  ]
}

function refuseUnknown(
  ignores: readonly { readonly file: string; readonly line: number; readonly rule: string }[],
): void {
  const unknown = ignores.find(({ rule }) => !rules.some(({ id }) => id === rule))
  if (!unknown) return
  throw new AntemortemError(
    'change-ignore',
    `${unknown.file}:${unknown.line}: there is no gate rule "${unknown.rule}"`,
    `The rules are: ${rules.map(({ id }) => id).join(', ')}`,
    { exit: 2 },
  )
}
