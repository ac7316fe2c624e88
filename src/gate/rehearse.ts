import type { ClusterConfig } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'
import type { GateReport } from '../core/gate.ts'
import type { Severity } from '../core/severity.ts'
import type { ChangeText } from './change/read-change.ts'
import { readChangeFile } from './files/read-file.ts'
import { copyOf } from './copy/blueprint.ts'
import { contractLogins } from './copy/contract-logins.ts'
import { notBuiltIn } from './copy/not-built.ts'
import { readCluster } from './copy/read-cluster.ts'
import { rowsOf } from './copy/rows-of.ts'
import { askAbout } from './copy/ask-about.ts'
import { startCopy } from './copy/start-copy.ts'
import { judge } from './judge.ts'
import { notRehearsedIn } from './not-rehearsed.ts'
import type { Rehearsal } from './rehearsal.ts'
import { reviewRules } from './review/rules.generated.ts'
import { undeclaredIn } from './undeclared.ts'
import { rules } from './rules.generated.ts'
import type { SampleWish } from './sample/choose.ts'
import { readSample, type SampledTable } from './sample/read-sample.ts'
import { rehearseChange } from './run/rehearse-change.ts'
import { applyChange } from './run/apply.ts'
import type { Stage } from './run/stage.ts'
import { begin, closeStage, openStage, startAnew } from './run/stage.ts'
import type { Step } from './run/targets.ts'
import { stepsOf } from './run/targets.ts'
import { rehearseWayBack } from './wayback/rehearse-way-back.ts'
import type { WayBack } from './wayback/way-back.ts'

export interface RehearseOptions {
  readonly cluster: ClusterConfig
  readonly files: readonly ChangeText[]
  /** Nodes that serve reads of a contract. */
  readonly serving: ReadonlySet<string>
  readonly signal: AbortSignal
  readonly progress?: (words: string) => void
  /** From this severity on a finding blocks. */
  readonly failOn?: Severity
  /** Awaited once the change is known to be one for this cluster, before anything is copied. */
  readonly understood?: () => Promise<void>
  /** A new or empty directory in which the copy goes on running, with the change in it; absent: nothing of it is left. */
  readonly keep?: string
  /** Real rows of production go into the copy; absent: none. */
  readonly sample?: SampleWish
}

export interface RehearsalReport extends GateReport {
  /** How `rollback` is known, and the statements that were tried. */
  readonly wayBack: WayBack
  /** Where the copy goes on running; null: it is gone. */
  readonly kept: string | null
  /** Real rows that were in the copy, by table; null: there were none. */
  readonly sample: readonly SampledTable[] | null
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
  const { cluster, files, serving, signal, progress = () => undefined, failOn = 'error', keep } = options
  const startedMs = performance.now()
  const statements = (await Promise.all(files.map(readChangeFile))).flat()
  refuseUnknown(statements.flatMap(({ file, ignores }) => ignores.map((ignore) => ({ file, ...ignore }))))
  if (statements.length === 0)
    throw new AntemortemError('change-empty', 'there is no statement in the change', 'Name a file with SQL.', {
      exit: 2,
    })
  progress('reading the cluster')
  const real = await readCluster(cluster, signal)
  const copy = copyOf(real)
  const steps = stepsOf(statements, copy.blueprint.nodes)
  await options.understood?.()
  const contracts = contractLogins(cluster, real)
  if (options.sample) progress('reading REAL ROWS of production, for --sample')
  const sample = options.sample ? await readSample(cluster, real, { wish: options.sample, steps, signal }) : null
  // Production answers while the copy starts.
  const asking = askAbout(cluster, real, { steps, signal })
  asking.catch(() => undefined)
  const afterStart = [...copy.afterStart, ...(sample?.statements ?? [])]
  const { lab, notes: labNotes } = await startCopy(copy, {
    signal,
    progress,
    ...(keep !== undefined && { dir: keep }),
  })
  let rehearsal: Rehearsal
  let wayBack: WayBack
  let isKept = false
  try {
    const stage = await openStage(lab, { afterStart, listening: real.listening, signal })
    try {
      await begin(stage)
      const notBuilt = await notBuiltIn(stage, real)
      rehearsal = await rehearseChange(stage, {
        cluster: cluster.name,
        steps,
        serving,
        notBuilt,
        logins: contracts.logins,
        subscriptions: real.subscriptions,
        production: {
          rows: rowsOf(real),
          ...(await asking),
          real: real.nodes,
          listening: real.listening,
        },
        progress,
      })
      progress('taking the change back')
      wayBack = await rehearseWayBack(stage, steps, rehearsal)
      if (keep !== undefined) isKept = await carriedOut(stage, steps)
    } finally {
      await closeStage(stage)
    }
  } finally {
    if (!isKept) await lab.close()
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
    rollback: wayBack.rollback,
    wayBack,
    kept: isKept ? lab.dir : null,
    sample: sample?.tables ?? null,
    undeclared: undeclaredIn(rehearsal),
    notRehearsed: [...labNotes, ...notRehearsedIn(rehearsal), ...contracts.notRehearsed, ...copy.notRehearsed],
    notes,
    tookMs: performance.now() - startedMs,
  }
}

/** For whoever looks around in the copy: as it was, and then with the change. */
async function carriedOut(stage: Stage, steps: readonly Step[]): Promise<true> {
  await startAnew(stage)
  await applyChange(stage, steps)
  // Until here a rehearsal that is killed leaves nothing.
  await stage.lab.detach()
  return true
}

function refuseUnknown(
  ignores: readonly { readonly file: string; readonly line: number; readonly rule: string }[],
): void {
  // A comment may be for the review of the same file.
  const unknown = ignores.find(({ rule }) => ![...rules, ...reviewRules].some(({ id }) => id === rule))
  if (!unknown) return
  throw new AntemortemError(
    'change-ignore',
    `${unknown.file}:${unknown.line}: there is no gate rule "${unknown.rule}"`,
    `The rules are: ${rules.map(({ id }) => id).join(', ')}`,
    { exit: 2 },
  )
}
