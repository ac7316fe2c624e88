import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterConfig } from '../../../core/configuration.ts'
import { AntemortemError } from '../../../core/error.ts'
import type { GateFinding } from '../../../core/gate.ts'
import { lsnDistance } from '../../../core/lsn.ts'
import { atLeast, severities, type Severity } from '../../../core/severity.ts'
import type { Snapshot } from '../../../core/snapshot.ts'
import type { Lab } from '../../../lab/lab.ts'
import { copyOf } from '../../copy/blueprint.ts'
import { notBuiltIn } from '../../copy/not-built.ts'
import { readCluster, type RealCluster } from '../../copy/read-cluster.ts'
import { judge } from '../../judge.ts'
import { startCopy, unfilled } from '../../rehearse.ts'
import { rules } from '../../rules.generated.ts'
import { rehearseChange } from '../../run/rehearse-change.ts'
import { lookAt } from '../../run/look.ts'
import { begin, closeStage, openStage, type Stage } from '../../run/stage.ts'
import type { CommandOutcome } from '../command/outcome.ts'
import type { CommandOptions } from '../command/run-command.ts'
import { differencesBetween } from '../differences.ts'
import { readAllContents } from '../look-closely.ts'
import type { Moment } from '../moment.ts'
import { forCommand } from '../remedies.ts'
import { commandFindings } from './command-findings.ts'
import { copiedDirectories } from './copied-directories.ts'
import { copyBookkeeping } from './equip-lab.ts'
import { runIsolated } from './isolated.ts'
import { ledThere } from './led-there.ts'
import type { CommandRehearsal } from './report.ts'
import type { Substitution } from './substitutions.ts'
import { WaysOut } from './ways-out.ts'

export interface RehearseCommandOptions {
  readonly cluster: ClusterConfig
  readonly substitutions: readonly Substitution[]
  readonly command: CommandOptions
  /** As it was typed. */
  readonly words: string
  readonly serving: ReadonlySet<string>
  readonly failOn: Severity
  readonly progress: (words: string) => void
  /** Where `unshare` lies; null where it is not installed. */
  readonly unshare: string | null
}

/** What was seen of the command while it ran in the copy. */
interface Ran {
  readonly outcome: CommandOutcome
  readonly before: Snapshot
  readonly contents: readonly [Moment['contents'], Moment['contents']]
  readonly walBytes: number
  readonly connections: ReadonlyMap<string, number>
  readonly notes: readonly string[]
}

/**
 * Runs the command against a throw-away copy of the cluster, with nothing else within its reach, and judges what becomes of the copy.
 * The cluster is only read.
 */
export async function rehearseCommand(options: RehearseCommandOptions): Promise<CommandRehearsal> {
  const { cluster, command, serving, failOn, progress } = options
  const { signal } = command
  progress('reading the cluster')
  const real = await readCluster(cluster, signal)
  const copy = copyOf(real)
  const { lab, notes: labNotes } = await startCopy(copy, signal, progress)
  try {
    const stage = await openStage(lab, copy.afterStart, signal)
    try {
      await begin(stage)
      const notBuilt = await notBuiltIn(stage, real)
      let ran: Ran | null = null
      const rehearsal = await rehearseChange(stage, {
        cluster: cluster.name,
        steps: [],
        serving,
        notBuilt,
        progress,
        command: async () => {
          ran = await runInCopy(stage, real, options)
        },
      })
      const { outcome, before, contents, walBytes, connections, notes } = assertRan(ran)
      const moment = (snapshot: Moment['snapshot'], of: Moment['contents']): Moment => ({
        snapshot,
        results: [],
        contracts: [],
        contents: of,
        writers: new Map(),
      })
      const changes = differencesBetween(moment(before, contents[0]), moment(rehearsal.changed, contents[1]))
      const judged = judge(rehearsal, { rules, today: '', failOn })
      const findings = worstFirst([
        ...commandFindings({ outcome, connections, words: options.words, substitutions: options.substitutions }),
        ...judged.findings.map((finding) => forCommand(finding, rehearsal.after)),
      ])
      return {
        outcome,
        verdict: findings.some(({ severity }) => atLeast(severity, failOn))
          ? 'block'
          : findings.some(({ severity }) => atLeast(severity, 'warning'))
            ? 'warn'
            : 'pass',
        findings,
        changes,
        walBytes,
        notes,
        notRehearsed: [...labNotes, ...rehearsal.notBuilt, ...unfilled(rehearsal), ...copy.notRehearsed],
      }
    } finally {
      await closeStage(stage)
    }
  } finally {
    await lab.close()
  }
}

const worstFirst = (findings: readonly GateFinding[]): readonly GateFinding[] =>
  findings.toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity))

function assertRan(ran: Ran | null): Ran {
  if (ran === null) throw new Error('the rehearsal has run the command')
  return ran
}

/** The command itself, led to the copy, and what it left there. */
async function runInCopy(stage: Stage, real: RealCluster, options: RehearseCommandOptions): Promise<Ran> {
  const { lab } = stage
  const { cluster, command, words, progress, unshare } = options
  const { signal } = command
  const booked = await copyBookkeeping(lab, cluster, signal)
  const led = await ledThere(lab, real, options)
  const directory = mkdtempSync(join(tmpdir(), 'antemortem-gate-'))
  try {
    mkdirSync(join(directory, 'sockets'))
    const ways = await WaysOut.open(lab, join(directory, 'sockets'))
    try {
      const nodes = {
        nodes: lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'admin'), act: null, host: null })),
      }
      const inCopy = real.nodes.filter((node) => lab.nodes.some(({ name }) => name === node.name))
      const read = async (): Promise<Moment['contents']> =>
        (await readAllContents(nodes, { nodes: inCopy }, signal)).contents
      const [before, contentsBefore] = [await lookAt(stage, cluster.name), await read()]
      const lsnBefore = await currentLsn(lab, real.primary)
      progress(`running ${words} in the copy`)
      const outcome = await runIsolated({
        ...command,
        env: { ...command.env, ...led.env },
        ways: ways.ways,
        copied: copiedDirectories(
          command.cwd,
          led.files.map(({ path }) => path),
        ),
        files: led.files,
        directory,
        unshare,
      })
      if (outcome === null) throw notShutOff()
      return {
        outcome,
        before,
        contents: [contentsBefore, await read()],
        walBytes: lsnDistance(lsnBefore, await currentLsn(lab, real.primary)),
        connections: new Map(ways.connections),
        notes: [
          ...led.notes,
          ...(booked.length === 0 ? [] : [`real rows of migration tools were copied: ${booked.join(', ')}`]),
          `in the rehearsal the command reached the copy alone: ${[...ways.connections].map(([node, count]) => `${node} ${count}`).join(', ')} connections; it had no other network, and no disk that it could change`,
        ],
      }
    } finally {
      await ways.close()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function currentLsn(lab: Lab, node: string): Promise<string> {
  const [row] = await lab.rows(node, 'select pg_current_wal_insert_lsn()::text as lsn')
  const lsn = row?.['lsn']
  return typeof lsn === 'string' ? lsn : '0/0'
}

const notShutOff = (): AntemortemError =>
  new AntemortemError(
    'rehearsal-not-shut-off',
    'the command cannot be shut off from production here: no network and mount namespace of its own',
    'Install util-linux and iproute2 (unshare, ip), run as root or allow user namespaces; or leave --rehearse-with out. The command was not run.',
  )
