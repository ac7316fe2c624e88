import type { GateFinding } from '../../../core/gate.ts'
import type { CommandOutcome } from '../command/outcome.ts'
import type { Substitution } from './substitutions.ts'

interface InCopy {
  readonly outcome: CommandOutcome
  /** By node of the copy. */
  readonly connections: ReadonlyMap<string, number>
  /** Addresses of production. */
  readonly reached: readonly string[]
  readonly words: string
  readonly substitutions: readonly Substitution[]
}

/** What speaks against a command by the way it ran in the copy. Without a connection nothing was rehearsed, whatever it says. Pure. */
export function commandFindings({
  outcome,
  connections,
  reached,
  words,
  substitutions,
}: InCopy): readonly GateFinding[] {
  const arrived = [...connections.values()].reduce((sum, count) => sum + count, 0)
  const names = substitutions.map(({ variable }) => variable).join(', ')
  const about = { consequence: 'application/error', object: words, nodes: [] } as const
  const findings: GateFinding[] = []
  if (reached.length > 0)
    findings.push({
      ...about,
      rule: 'rehearsal/reached-production',
      severity: 'critical',
      message: `your command ignored ${names}: in the rehearsal it was connected to production (${reached.join(', ')}), and was ended at once`,
      remedy:
        'Look at production first: what it did in that moment it did there. Then find from where it reads its connection, and name that variable: --rehearse-with NAME.',
    })
  else if (arrived === 0)
    findings.push({
      ...about,
      rule: 'rehearsal/env-ignored',
      severity: 'critical',
      message: `your command ignored ${names}: the copy saw no connection of it, so that nothing was rehearsed`,
      remedy: `Find from where it reads its connection, and name that variable: --rehearse-with NAME. Run for real it would have gone to production.`,
    })
  if (outcome.exit !== 0 && reached.length === 0)
    findings.push({
      ...about,
      rule: 'rehearsal/command-fails',
      severity: 'error',
      message: `${words} ${outcome.timedOut ? 'did not come to an end' : `ended with code ${outcome.exit}`} in the copy`,
      remedy:
        'Read its output. In the rehearsal there is no network but the copy, and every table has made-up rows: what fails for that only fails there.',
    })
  if (outcome.leftBehind.length > 0)
    findings.push({
      ...about,
      rule: 'command/leaves-processes',
      severity: 'warning',
      message: `${words} left processes behind in the rehearsal: ${outcome.leftBehind.map(({ pid, command }) => `${pid} (${command})`).join(', ')}`,
      remedy: `End them: kill ${outcome.leftBehind.map(({ pid }) => pid).join(' ')}`,
    })
  return findings
}
