import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import { redact } from '../../core/redact.ts'
import type { Severity } from '../../core/severity.ts'
import type { NodeView, Snapshot } from '../../core/snapshot.ts'
import { SettingsFiles } from '../../contracts/settings-files.ts'
import type { PlanDeps } from '../../plans/doer.ts'
import type { Allowed } from './allow.ts'
import { isAllowed } from './allow.ts'
import { applyResultsOf } from './as-rehearsal.ts'
import { findProgram } from './command/find-program.ts'
import type { CommandOptions } from './command/run-command.ts'
import { runCommand } from './command/run-command.ts'
import { differencesBetween } from './differences.ts'
import { KeptBytes } from './files/kept-bytes.ts'
import { restoreFiles, toRestore, type Restored } from './files/restore.ts'
import { changedFiles, fileChanges, filesOf, keepFiles, writtenFiles } from './files/written-files.ts'
import { judgeWrapped } from './judge-wrapped.ts'
import { readAllContents, testContracts } from './look-closely.ts'
import type { Look, Moment } from './moment.ts'
import { notSeenIn } from './not-seen.ts'
import type { WrapReport } from './report.ts'
import { newlyFailing } from './rules/contract-fails.ts'
import { isNewlyWrong } from './rules/new-findings.ts'
import { wayBackOf } from './way-back.ts'
import type { Wrapped } from './wrapped.ts'
import { latest } from './wrapped.ts'

export interface WrapOptions {
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
  settleMs: { default: 30_000, unit: 'ms', why: 'a subscriber that needs longer is told, and not waited for' },
  pauseMs: { default: 1000, unit: 'ms', why: 'what was only a moment is over by then' },
  afterMs: { default: 90_000, unit: 'ms', why: 'who interrupts us still learns what was changed' },
} as const

/** Runs a command under the gate: looks, runs it for real, looks again, says what is otherwise and what that breaks. */
export async function wrap(options: WrapOptions): Promise<WrapReport> {
  const { cluster, command, signal, progress } = options
  const startedMs = performance.now()
  const [name = '', ...rest] = command.words
  const program = findProgram(name, command.cwd, command.env['PATH'] ?? '')
  const key = randomBytes(32)
  const files = new SettingsFiles(cluster)
  progress(`looking at ${cluster.name}`)
  const beforeMs = Date.now()
  files.poll(beforeMs)
  const before = await lookClosely(options, key, signal)
  const primary = primaryOf(cluster.name, before.snapshot)
  const bytes = new KeptBytes(options.directory, options.id)
  const kept = keepFiles(filesOf(cluster), bytes)

  const outcome = await runCommand({ ...command, words: [program, ...rest], signal })
  const looking = outcome.interrupted ? AbortSignal.timeout(limits.afterMs.default) : signal
  progress('looking at what it changed')
  const after = await lookClosely(options, key, looking)
  const afterMs = Date.now()
  const ofKeys = files.poll(afterMs)
  const changed = changedFiles(kept, bytes)
  const changes = [
    ...differencesBetween(before, after),
    ...ofKeys,
    ...fileChanges(changed, ofKeys, { beforeMs, afterMs }),
  ]
  const first: Wrapped = {
    command: outcome,
    words: redact(command.words.join(' ')).slice(0, 200),
    primary,
    before,
    after,
    again: null,
    applies: applyResultsOf(before.snapshot, [after.snapshot]),
    changes,
    undeclared: changes.filter((change) => !isAllowed(change, options.allowed)),
    allowed: options.allowed,
    files: writtenFiles(changed, ofKeys, options.allowed),
    serving: options.serving,
  }
  const wrapped = await lookAgain(first, options, key, looking)
  const { verdict, findings } = judgeWrapped(wrapped, options.failOn)
  const guilty = options.mayRestore ? toRestore(wrapped, changed) : []
  const restored =
    guilty.length === 0
      ? null
      : await restoreFiles(
          guilty,
          { id: options.id, cluster },
          { store: options.store, clock: Date.now, signal: looking },
        )
  if (restored === null) bytes.forget()
  const now = latest(wrapped)
  const isGood = verdict === 'pass' && now.contracts.every(({ fact }) => fact.ok) && isWhole(now.snapshot)
  return {
    change: wrapped.words,
    stage: restored !== null && restored.files.length > 0 ? 'rolled-back' : 'verify',
    verdict,
    findings,
    locks: [],
    walBytes: null,
    rollback: wayBackOf(changes),
    undeclared: wrapped.undeclared,
    commandExit: outcome.exit,
    ...(restored && { journal: restored.plan }),
    declared: changes.filter((change) => isAllowed(change, options.allowed)),
    restored: restored?.files ?? [],
    notes: [
      ...alreadyFailing(before),
      ...(restored ? await restoredNotes(restored, wrapped, options, key, looking) : []),
    ],
    notSeen: notSeenIn(cluster, before, now),
    tookMs: performance.now() - startedMs,
    needsPerson: restored?.problem != null,
    good: isGood ? { snapshot: now.snapshot, files: files.plain() } : null,
  }
}

async function lookClosely(
  { cluster, look }: Pick<WrapOptions, 'cluster' | 'look'>,
  key: Buffer,
  signal: AbortSignal,
): Promise<Moment> {
  const seen = await look(signal)
  if (!seen)
    throw new AntemortemError(
      'nothing-seen',
      `nothing was seen of ${cluster.name}`,
      'antemortem check says what cannot be reached.',
    )
  const [contracts, contents] = await Promise.all([
    testContracts(cluster, key, signal),
    readAllContents(cluster, seen.snapshot, signal),
  ])
  return { ...seen, contracts, ...contents }
}

/** Where something is wrong or late, once more: what heals by itself is no reason to stop a deployment. */
async function lookAgain(first: Wrapped, options: WrapOptions, key: Buffer, signal: AbortSignal): Promise<Wrapped> {
  const untilMs = performance.now() + limits.settleMs.default
  let wrapped = first
  const looks = [first.after.snapshot]
  const isUneasy = (one: Wrapped): boolean =>
    hasFailedToApply(one) || isBehind(one) || isNewlyWrong(one) || newlyFailing(one).length > 0
  for (let times = 0; isUneasy(wrapped) && performance.now() < untilMs; times += 1) {
    // Once is enough for all but a node that is on its way.
    if (times > 0 && !isBehind(wrapped)) break
    options.progress('looking once more')
    await sleep(hasFailedToApply(wrapped) ? retryMs(wrapped.after.snapshot) : limits.pauseMs.default, undefined, {
      signal,
    })
    const again = await lookClosely(options, key, signal)
    looks.push(again.snapshot)
    wrapped = { ...wrapped, again, applies: applyResultsOf(first.before.snapshot, looks) }
  }
  return wrapped
}

const hasFailedToApply = ({ applies }: Wrapped): boolean =>
  applies.some(({ before, polls }) => (polls.at(-1) ?? before) > before)

function isBehind(wrapped: Wrapped): boolean {
  const { touched } = latest(wrapped).snapshot.facts
  return touched.seen && touched.value.some(({ verdict }) => verdict === 'lagging') && !hasFailedToApply(wrapped)
}

/** A worker that failed tries again after its server's `wal_retrieve_retry_interval`; its counter grows no sooner. */
function retryMs({ nodes }: Snapshot): number {
  const longest = nodes.flatMap(({ role, facts: { settings } }) =>
    role === 'subscriber' && settings.seen ? [Number(settings.value['wal_retrieve_retry_interval'] ?? 5000)] : [],
  )
  return Math.min(20_000, Math.max(0, ...longest.filter(Number.isFinite)) + limits.pauseMs.default)
}

/** The one that others follow. */
function primaryOf(cluster: string, { nodes }: Snapshot): string {
  const primaries = nodes.filter(({ role, facts }) => role === 'primary' && facts.server.seen)
  const followed = primaries.find(({ name }) => nodes.some(({ upstream }) => upstream === name))
  const primary = followed ?? primaries[0]
  if (primary) return primary.name
  throw new AntemortemError(
    'cluster-shape',
    `no primary of ${cluster} answers: the command was not run`,
    'antemortem check says what cannot be reached.',
  )
}

const isWhole = ({ nodes }: Snapshot): boolean =>
  nodes.every(({ facts }: NodeView) => facts.settings.seen || facts.settings.why === 'named-twice')

const alreadyFailing = ({ contracts }: Moment): readonly string[] =>
  contracts
    .filter(({ fact }) => !fact.ok)
    .map(
      ({ fact }) =>
        `${fact.contract}:${fact.instance} → ${fact.node} failed before the command already (${fact.layer ?? 'settings'}): ${fact.message ?? ''}`,
    )

/** Does it work again with the old bytes? */
async function restoredNotes(
  { plan, files, problem }: Restored,
  wrapped: Wrapped,
  { cluster }: WrapOptions,
  key: Buffer,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (files.length === 0) return [`nothing was put back: ${problem ?? ''}`]
  const still = newlyFailing({
    ...wrapped,
    again: { ...latest(wrapped), contracts: await testContracts(cluster, key, signal) },
  })
  return [
    `put back byte for byte: ${files.join(', ')} (antemortem mend undo ${plan} writes it again as the command had left it)`,
    ...(problem === null ? [] : [`not all was put back: ${problem}`]),
    still.length === 0
      ? 'with the old settings the application gets in again; an instance that has read the new ones must be restarted'
      : `with the old settings ${still.map(({ fact }) => `${fact.instance} → ${fact.node}`).join(', ')} still fails: ${still[0]?.fact.message ?? ''}`,
  ]
}
