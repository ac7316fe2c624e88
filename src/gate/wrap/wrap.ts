import { randomBytes } from 'node:crypto'
import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import { redact } from '../../core/redact.ts'
import type { Severity } from '../../core/severity.ts'
import type { NodeView, Snapshot } from '../../core/snapshot.ts'
import { SettingsFiles } from '../../contracts/settings-files.ts'
import type { PlanDeps } from '../../plans/doer.ts'
import { hold, thisProcess } from '../../store/hold.ts'
import type { Lease } from '../../store/store.ts'
import type { Allowed } from '../allow.ts'
import { isAllowed } from '../allow.ts'
import { assertCanaryTables } from '../beat/assert-tables.ts'
import { beatNotes } from '../beat/told.ts'
import { settingsFilesOf } from '../files/contract-files.ts'
import { applyResultsOf } from './as-rehearsal.ts'
import { findProgram, programOrNull } from './command/find-program.ts'
import type { CommandOutcome } from './command/outcome.ts'
import type { CommandOptions } from './command/run-command.ts'
import { runCommand } from './command/run-command.ts'
import { keepConnections } from './connections/kept-connections.ts'
import { connectionChange, rewrittenConnections } from './connections/rewritten.ts'
import { differencesBetween } from './differences.ts'
import { KeptBytes, leftBehindIn } from './files/kept-bytes.ts'
import { connectionsToRestore, restoreFiles, toRestore } from './files/restore.ts'
import { restoredNotes, withRestored } from './files/restored-notes.ts'
import { changedFiles, fileChanges, keepFiles, writtenFiles } from './files/written-files.ts'
import { judgeWrapped } from './judge-wrapped.ts'
import { lookAgain, lookClosely } from './look-again.ts'
import type { Look, Moment } from './moment.ts'
import { notSeenIn } from './not-seen.ts'
import { primaryOf } from './primary.ts'
import { rehearseCommand } from './rehearsal/rehearse-command.ts'
import type { CommandRehearsal } from './rehearsal/report.ts'
import type { Substitution } from './rehearsal/substitutions.ts'
import type { WrapReport } from './report.ts'
import { wayBackOf } from './way-back.ts'
import { listeningOf } from '../copy/read-cluster.ts'
import type { Wrapped } from './wrapped.ts'
import { beatsOf, latest } from './wrapped.ts'

export interface WrapOptions {
  /** Variables that lead the command to a copy first; none: there is no rehearsal. */
  readonly substitutions: readonly Substitution[]
  readonly cluster: ClusterConfig
  /** Of this run: of its plan, and of the files that it keeps. */
  readonly id: string
  readonly command: Pick<CommandOptions, 'cwd' | 'env' | 'output' | 'timeoutMs'> & { readonly words: readonly string[] }
  readonly allowed: readonly Allowed[]
  /** Nodes that serve reads of a contract. */
  readonly serving: ReadonlySet<string>
  readonly mayRestore: boolean
  readonly failOn: Severity
  /** Where bytes of settings files are kept, for this user's eyes. */
  readonly directory: string
  readonly store: PlanDeps['store']
  /** All nodes, tables and checks at one moment; null where nothing was seen. */
  readonly look: (signal: AbortSignal) => Promise<Look | null>
  readonly signal: AbortSignal
  readonly progress: (words: string) => void
}

const limits = {
  leaseMs: { default: 10_000, unit: 'ms', why: 'as long as the next one waits after a crash' },
  afterMs: { default: 90_000, unit: 'ms', why: 'who interrupts us still learns what was changed' },
} as const

/** Runs a command under the gate: first in a copy where it was told how, then for real, between two looks at everything. */
export async function wrap(options: WrapOptions): Promise<WrapReport> {
  const startedMs = performance.now()
  const held = await hold(options.store, {
    name: `gate:${options.cluster.name}`,
    holder: thisProcess(),
    ttlMs: limits.leaseMs.default,
    signal: options.signal,
    busy,
  })
  try {
    return { ...(await wrapAlone(options)), tookMs: performance.now() - startedMs }
  } finally {
    await held.release()
  }
}

/** Two at once would take each other's changes for their own. */
const busy = ({ holder }: Lease): AntemortemError =>
  new AntemortemError(
    'gate-busy',
    `another command is under the gate: ${holder}`,
    'Wait until it has ended. The command was not run.',
  )

async function wrapAlone(options: WrapOptions): Promise<Untimed> {
  const { command } = options
  const [name = '', ...rest] = command.words
  const path = command.env['PATH'] ?? ''
  const program = findProgram(name, command.cwd, path)
  await assertCanaryTables(options.cluster, options.signal)
  const run: CommandOptions = { ...command, words: [program, ...rest], signal: options.signal }
  const words = redact(command.words.join(' ')).slice(0, 200)
  const rehearsal =
    options.substitutions.length === 0
      ? null
      : await rehearseCommand({ ...options, command: run, words, unshare: programOrNull('unshare', command.cwd, path) })
  const isStopped = rehearsal?.verdict === 'block' || rehearsal?.outcome.interrupted === true
  return rehearsal !== null && isStopped
    ? stoppedReport(rehearsal, words, options)
    : runForReal(options, run, words, rehearsal)
}

type Untimed = Omit<WrapReport, 'tookMs'>

/** The copy has said no: production has not heard of the command. */
function stoppedReport(rehearsal: CommandRehearsal, words: string, { allowed }: WrapOptions): Untimed {
  const { verdict, findings, changes, walBytes, outcome, notes, notRehearsed } = rehearsal
  return {
    change: words,
    stage: 'rehearse',
    verdict,
    findings,
    locks: [],
    walBytes,
    rollback: 'R0',
    undeclared: changes.filter((change) => !isAllowed(change, allowed)),
    commandExit: outcome.exit,
    declared: changes.filter((change) => isAllowed(change, allowed)),
    restored: [],
    notes: ['the command was not run for real; the changes are those of the copy', ...notes],
    notSeen: notRehearsed,
    needsPerson: false,
    good: null,
  }
}

async function runForReal(
  options: WrapOptions,
  run: CommandOptions,
  words: string,
  rehearsal: CommandRehearsal | null,
): Promise<Untimed> {
  const { cluster, allowed, progress } = options
  const key = randomBytes(32)
  const files = new SettingsFiles(cluster)
  progress(`looking at ${cluster.name}`)
  const beforeMs = Date.now()
  files.poll(beforeMs)
  const before = await lookClosely(options, key, options.signal)
  const primary = primaryOf(cluster.name, before.snapshot)
  const left = await leftBehindIn(options.directory, options.store)
  const bytes = new KeptBytes(options.directory, options.id)
  const kept = keepFiles(settingsFilesOf(cluster.contracts), bytes)
  const { signal: early } = options
  const connectionsBefore = await keepConnections(cluster, before.snapshot, { bytes, when: 'before', signal: early })
  const outcome = await runOrForget(run, bytes)
  const signal = outcome.interrupted ? AbortSignal.timeout(limits.afterMs.default) : options.signal
  progress('looking at what it changed')
  const after = await lookClosely(options, key, signal, before)
  const afterMs = Date.now()
  const ofKeys = files.poll(afterMs)
  const changed = changedFiles(kept, bytes)
  const connections = await rewrittenConnections(
    connectionsBefore,
    connectionsBefore.length === 0
      ? []
      : await keepConnections(cluster, before.snapshot, { bytes, when: 'after', signal }),
    cluster,
    signal,
  )
  const changes = [
    ...differencesBetween(before, after),
    ...ofKeys,
    ...fileChanges(changed, ofKeys, { beforeMs, afterMs }),
    ...connections.map((one) => connectionChange(one, { beforeMs, afterMs })),
  ]
  const first: Wrapped = {
    command: outcome,
    words,
    primary,
    before,
    after,
    again: null,
    applies: applyResultsOf(before.snapshot, [after.snapshot]),
    changes,
    undeclared: changes.filter((change) => !isAllowed(change, allowed)),
    allowed,
    files: writtenFiles(changed, ofKeys, allowed),
    connections,
    serving: options.serving,
    listening: listeningOf(cluster),
    isRehearsed: rehearsal !== null,
  }
  const wrapped = await lookAgain(first, options, key, signal)
  const { verdict, findings } = judgeWrapped(wrapped, options.failOn)
  const guilty = options.mayRestore ? toRestore(wrapped, changed) : []
  const deps = { store: options.store, clock: Date.now, signal }
  const lost = options.mayRestore ? connectionsToRestore(wrapped) : []
  const isRestored = guilty.length > 0 || lost.length > 0
  const restored = isRestored ? await restoreFiles(guilty, lost, { id: options.id, cluster }, deps) : null
  bytes.forget(
    new Set([
      ...guilty.flatMap(({ keptBefore, keptAfter }) => [keptBefore, keptAfter ?? keptBefore]),
      ...lost.flatMap((one) => [one.before.kept, one.after.kept]),
    ]),
  )
  const now = latest(wrapped)
  const isGood = verdict === 'pass' && now.contracts.every(({ fact }) => fact.ok) && isWhole(now.snapshot)
  return {
    change: words,
    stage: restored !== null && restored.files.length > 0 ? 'rolled-back' : 'verify',
    verdict,
    findings: restored ? withRestored(findings, restored.files) : findings,
    locks: [],
    walBytes: rehearsal?.walBytes ?? null,
    rollback: wayBackOf(changes),
    undeclared: wrapped.undeclared,
    commandExit: outcome.exit,
    ...(restored && { journal: restored.plan }),
    declared: changes.filter((change) => isAllowed(change, allowed)),
    restored: restored?.files ?? [],
    notes: [
      ...(rehearsal ? rehearsedNotes(rehearsal) : []),
      ...alreadyFailing(before),
      ...beatNotes(beatsOf(wrapped)),
      ...(left.length === 0 ? [] : [killedBefore(left)]),
      ...(restored ? await restoredNotes(restored, wrapped, cluster, key, signal) : []),
    ],
    notSeen: notSeenIn(
      cluster,
      { before, after: now, kept: new Set(kept.map(({ captured }) => captured.file)) },
      settingsFilesOf(cluster.contracts),
    ),
    needsPerson: restored?.problem != null,
    good: isGood ? { snapshot: now.snapshot, files: files.plain() } : null,
  }
}

/** What never began has changed nothing: its bytes are nobody's. */
async function runOrForget(run: CommandOptions, bytes: KeptBytes): Promise<CommandOutcome> {
  try {
    return await runCommand(run)
  } catch (error) {
    bytes.forget()
    throw error
  }
}

const rehearsedNotes = ({ verdict, findings, notes, changes }: CommandRehearsal): readonly string[] => [
  `rehearsed on a copy first: ${verdict}${changes.length === 0 ? ', and nothing was changed there' : `, ${changes.length} changes there`}`,
  ...findings.map(({ rule, object, message }) => `in the copy: ${rule} ${object}: ${message}`),
  ...notes,
]

const killedBefore = (left: readonly string[]): string =>
  `a gate that was killed (or is at work on another cluster) has kept settings files as they were before its command: ${left.join(', ')}; compare them, then delete them: secrets stand in them`

const isWhole = ({ nodes }: Snapshot): boolean =>
  nodes.every(({ facts }: NodeView) => facts.settings.seen || facts.settings.why === 'named-twice')

const alreadyFailing = ({ contracts }: Moment): readonly string[] =>
  contracts
    .filter(({ fact }) => !fact.ok)
    .map(
      ({ fact }) =>
        `${fact.contract}:${fact.instance} → ${fact.node} failed before the command already (${fact.layer ?? 'settings'}): ${fact.message ?? ''}`,
    )
