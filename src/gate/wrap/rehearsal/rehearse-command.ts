import type { ClusterConfig } from '../../../core/configuration.ts'
import type { GateFinding } from '../../../core/gate.ts'
import { atLeast, severities, type Severity } from '../../../core/severity.ts'
import { copyOf } from '../../copy/blueprint.ts'
import { notBuiltIn } from '../../copy/not-built.ts'
import { readCluster } from '../../copy/read-cluster.ts'
import { judge } from '../../judge.ts'
import { startCopy } from '../../copy/start-copy.ts'
import { contractLogins } from '../../copy/contract-logins.ts'
import { notRehearsedIn } from '../../not-rehearsed.ts'
import { rowsOf } from '../../copy/rows-of.ts'
import { rules } from '../../rules.generated.ts'
import { rehearseChange } from '../../run/rehearse-change.ts'
import { begin, closeStage, openStage } from '../../run/stage.ts'
import type { CommandOptions } from '../command/run-command.ts'
import { differencesBetween } from '../differences.ts'
import type { Moment } from '../moment.ts'
import { forCommand } from '../remedies.ts'
import { writtenSettings } from '../written-settings.ts'
import { commandFindings } from './command-findings.ts'
import type { CommandRehearsal } from './report.ts'
import type { Substitution } from './substitutions.ts'
import { runInCopy, type Ran } from './run-in-copy.ts'
import { writtenOnSubscriber } from './written-on-subscriber.ts'

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
  const { lab, notes: labNotes } = await startCopy(copy, { signal, progress })
  const contracts = contractLogins(cluster, real)
  try {
    const stage = await openStage(lab, { afterStart: copy.afterStart, listening: real.listening, signal })
    try {
      await begin(stage)
      const notBuilt = await notBuiltIn(stage, real)
      let ran: Ran | null = null
      const rehearsal = await rehearseChange(stage, {
        cluster: cluster.name,
        steps: [],
        serving,
        notBuilt,
        logins: contracts.logins,
        subscriptions: real.subscriptions,
        // What a command will do is not known before: production is not asked about its statements.
        production: {
          rows: rowsOf(real),
          extensions: new Map(),
          probes: [],
          real: real.nodes,
          listening: real.listening,
        },
        progress,
        command: async () => {
          ran = await runInCopy(stage, real, options)
        },
      })
      const { outcome, before, contents, writers, walBytes, notes, ...seen } = assertRan(ran)
      const moment = (snapshot: Moment['snapshot'], of: Moment['contents']): Moment => ({
        snapshot,
        results: [],
        contracts: [],
        replication: [],
        contents: of,
        beats: [],
        writers: new Map(),
      })
      const changes = differencesBetween(moment(before, contents[0]), moment(rehearsal.changed, contents[1]))
      const results = writtenSettings(before, rehearsal.changed, options.words)
      const judged = judge({ ...rehearsal, results }, { rules, today: '', failOn })
      const findings = worstFirst([
        ...commandFindings({ ...seen, outcome, words: options.words, substitutions: options.substitutions }),
        ...writtenOnSubscriber({ primary: real.primary, after: rehearsal.changed, contents, writers, changes }),
        ...judged.findings.map((finding) => forCommand(finding, rehearsal.after, 'copy')),
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
        notRehearsed: [...labNotes, ...notRehearsedIn(rehearsal), ...contracts.notRehearsed, ...copy.notRehearsed],
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
