import type { Change } from '../../core/change.ts'
import { fileErrors } from '../../core/file-errors.ts'
import type { GateFinding, GateVerdict } from '../../core/gate.ts'
import type { Severity } from '../../core/severity.ts'
import { atLeast, severities } from '../../core/severity.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { subject } from '../../core/subject.ts'
import { lostLogins, type LostLogin } from '../lost-logins.ts'
import { judge } from '../judge.ts'
import type { ComparedTable, Rehearsal, StatementResult } from '../rehearsal.ts'
import { rules } from '../rules.generated.ts'
import type { Step } from '../run/targets.ts'
import { touchedTables } from '../run/touched.ts'
import type { Allowed } from '../allow.ts'
import { isAllowed } from '../allow.ts'
import { beatFindings, beatNotes, type Beats } from '../beat/told.ts'
import { isDeclared } from '../declared.ts'
import { changesBetween, stateOf } from './cluster-state.ts'
import { restartsToCome } from './restarts-to-come.ts'
import { broken, type Tested } from './production-test.ts'
import type { Production } from './reach.ts'

export interface Judging {
  readonly before: Production
  readonly differedBefore: readonly ComparedTable[]
  readonly tested: Tested
  /** The contracts' own rows. */
  readonly beats: Beats
  readonly steps: readonly Step[]
  readonly primary: string
  readonly serving: ReadonlySet<string>
  readonly allow: readonly Allowed[]
  readonly failOn: Severity
  readonly today: string
}

export interface TestVerdict {
  readonly verdict: GateVerdict
  readonly findings: readonly GateFinding[]
  readonly undeclared: readonly Change[]
  readonly notes: readonly string[]
}

/** Asked and answered before it was applied. */
const told = new Set(['schema/loses-data'])

/** What production showed, judged by the very rules of the rehearsal, and by what only production has: contracts, restarts to come. Pure. */
export function judgeProduction(judging: Judging): TestVerdict {
  const { before, tested, steps, primary, serving, allow, failOn, today } = judging
  const { now } = tested
  const results = resultsOf(steps)
  const rehearsal: Rehearsal = {
    primary,
    before: before.snapshot,
    changed: now.snapshot,
    after: now.snapshot,
    serving,
    starts: now.snapshot.nodes.map(({ name }) => ({
      node: name,
      failure: null,
      refuses: null,
      fileErrors: fileErrorsOf(now.snapshot, name).filter(
        (error) => !fileErrorsOf(before.snapshot, name).includes(error),
      ),
    })),
    statements: steps.map(({ statement }) => statement),
    results,
    already: { canaries: [], applies: [] },
    canaries: [],
    applies: tested.applies,
    compared: tested.compared.filter((one) => !judging.differedBefore.some((each) => isSameDifference(each, one))),
    uncopied: [],
    untested: 0,
    touched: touchedTables(before.snapshot, now.snapshot, results),
    between: [],
    // Contracts are judged below, by all that their own test says.
    logins: { before: [], after: [] },
    rows: new Map(),
    extensions: new Map(),
    probes: [],
    prepared: [],
    real: before.snapshot.nodes,
    listening: [],
    notBuilt: [],
  }
  const judged = judge(rehearsal, { rules: rules.filter(({ id }) => !told.has(id)), today, failOn })
  const findings = [
    ...judged.findings,
    ...beatFindings(judging.beats),
    ...tested.late.map(lateFinding),
    ...contractFindings(before, now),
    ...lostLogins(before.replication, now.replication).map(loginFinding),
    ...conflictFindings(before, now),
  ].sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity))
  const blocks = findings.some(({ severity }) => atLeast(severity, failOn))
  const warns = findings.some(({ severity }) => atLeast(severity, 'warning'))
  const statements = steps.map(({ statement }) => statement)
  const changes = changesBetween(stateOf(before.snapshot), stateOf(now.snapshot))
  return {
    verdict: blocks ? 'block' : warns ? 'warn' : 'pass',
    findings,
    undeclared: changes.filter((change) => !isDeclared(change, statements) && !isAllowed(change, allow)),
    notes: [
      ...judged.notes,
      ...restartsToCome(before.snapshot, now.snapshot, steps),
      ...differing(judging),
      ...blind(tested),
      ...beatNotes(judging.beats),
    ],
  }
}

const resultsOf = (steps: readonly Step[]): readonly StatementResult[] =>
  steps.flatMap(({ statement, nodes }) =>
    nodes.map((node) => ({
      statement,
      node,
      error: null,
      withheld: null,
      locks: [],
      walBytes: 0,
      touched: [],
      tookMs: 0,
    })),
  )

function fileErrorsOf({ nodes }: Snapshot, name: string): readonly string[] {
  const facts = nodes.find((node) => node.name === name)?.facts
  if (!facts?.fileSettings.seen) return []
  const { pendingRestart, settings } = facts
  return fileErrors(facts.fileSettings.value, {
    ...(pendingRestart.seen && { pendingRestart: pendingRestart.value }),
    ...(settings.seen && { settings: settings.value }),
  }).map(({ file, line, error }) => `${file}:${line}: ${error}`)
}

const isSameDifference = (was: ComparedTable, is: ComparedTable): boolean =>
  was.node === is.node && was.schema === is.schema && was.table === is.table && was.verdict === 'different'

const lateFinding = ({ node, why }: Tested['late'][number]): GateFinding => ({
  rule: 'replication/stream-stops',
  consequence: 'replication/standby-disconnected',
  object: subject.node(node),
  nodes: [node],
  severity: 'error',
  message: `after the change ${node} does not come to what the primary has written: ${why}`,
  remedy: `antemortem diagnose says what holds ${node} up.`,
})

const loginFinding = ({ node, ...lost }: LostLogin): GateFinding => ({
  ...lost,
  rule: 'connection/login-fails',
  nodes: [node],
  severity: 'error',
})

/** By the layer that fails. */
const consequences: Readonly<Record<string, string>> = {
  tcp: 'network/partition',
  tls: 'connection/tls',
  access: 'connection/access-rules',
  auth: 'connection/credentials',
  database: 'connection/credentials',
  capacity: 'connection/exhausted',
  role: 'connection/role-settings',
}

const contractFindings = (before: Production, now: Production): readonly GateFinding[] =>
  broken(before.contracts, now.contracts).map(({ contract, instance, node, layer, code, message }) => ({
    rule: 'connection/login-fails',
    consequence: consequences[layer ?? ''] ?? 'application/error',
    object: subject.contract(contract, instance),
    nodes: [node],
    severity: 'critical',
    message: `after the change a new connection of ${contract} to ${node} fails at its ${layer ?? 'settings'}${code === null ? '' : ` (${code})`}: ${message ?? ''}`,
    remedy: 'Sessions of a pool hide it until they are renewed: take the change back, or mend what the message names.',
  }))

/** A row that was missing on the subscriber, or there already, is passed over or stops it: no view but the counter shows it. */
const conflictFindings = (before: Production, now: Production): readonly GateFinding[] =>
  Object.entries(now.conflicts).flatMap(([node, all]) =>
    all.flatMap(({ subscription, counts }) => {
      const was = before.conflicts[node]?.find((one) => one.subscription === subscription)?.counts ?? {}
      const grown = Object.entries(counts).filter(([kind, count]) => count > (was[kind] ?? 0))
      const words = grown.map(([kind, count]) => `${kind} ${was[kind] ?? 0} → ${count}`)
      return grown.length === 0
        ? []
        : [
            {
              rule: 'replication/rows-differ',
              consequence: 'replication/divergence',
              object: subject.subscription(node, subscription),
              nodes: [node],
              severity: 'warning' as const,
              message: `subscription ${subscription} on ${node} has met conflicts during the change: ${words.join(', ')}`,
              remedy: `antemortem verify says which rows of ${node} are others.`,
            },
          ]
    }),
  )

const differing = ({ differedBefore }: Judging): readonly string[] =>
  differedBefore
    .filter(({ verdict }) => verdict === 'different')
    .map(({ schema, table, node }) => `${schema}.${table} had other rows on ${node} before the change already`)

const blind = ({ compared }: Tested): readonly string[] =>
  compared
    .filter(({ verdict }) => verdict === 'unverifiable' || verdict === 'lagging')
    .map(
      ({ schema, table, node, verdict, detail }) =>
        `${schema}.${table} was not compared on ${node}: ${verdict}${detail === null ? '' : `, ${detail}`}`,
    )
