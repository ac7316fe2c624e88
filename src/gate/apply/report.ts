import type { Change } from '../../core/change.ts'
import type { GateFinding, GateReport, GateStage, GateVerdict, RollbackClass } from '../../core/gate.ts'
import type { JournalEntry, Step } from '../../core/plan.ts'

/** What became of a change in production. */
export interface ApplyReport extends GateReport {
  /** The plan, for the commands that go on with it or take it back; null where none was begun. */
  readonly plan: string | null
  readonly notes: readonly string[]
  /** What a person has to do now; null where nothing is left to do. */
  readonly left: string | null
}

interface Outcome {
  readonly files: readonly string[]
  readonly stage: GateStage
  readonly verdict: GateVerdict
  readonly rollback: RollbackClass
  /** null: a second person's signature stands for it. */
  readonly rehearsal: GateReport | null
  readonly findings: readonly GateFinding[]
  readonly undeclared?: readonly Change[]
  readonly plan?: string
  readonly journal?: string
  readonly notes?: readonly string[]
  readonly left?: string
}

export const applyReport = (outcome: Outcome): ApplyReport => ({
  change: outcome.files.join(', '),
  stage: outcome.stage,
  verdict: outcome.verdict,
  findings: outcome.findings,
  locks: outcome.rehearsal?.locks ?? [],
  walBytes: outcome.rehearsal?.walBytes ?? null,
  rollback: outcome.rollback,
  undeclared: outcome.undeclared ?? [],
  ...(outcome.journal === undefined ? {} : { journal: outcome.journal }),
  plan: outcome.plan ?? null,
  notes: outcome.notes ?? [],
  left: outcome.left ?? null,
})

/** Why a step was not begun, or which one failed, and what it would have become. */
const refusals: Readonly<Record<string, Pick<GateFinding, 'rule' | 'consequence'>>> = {
  'contract-fails': { rule: 'connection/login-fails', consequence: 'application/error' },
  'lag-grows': { rule: 'replication/stream-stops', consequence: 'replication/standby-disconnected' },
  'gate-canary': { rule: 'replication/canary-refused', consequence: 'application/error' },
  'stream-gone': { rule: 'replication/stream-stops', consequence: 'replication/standby-disconnected' },
}

/** What stopped the change in production, as a finding: the step, in the words of its error. */
export function stepFinding(
  step: Pick<Step, 'kind' | 'words' | 'node'> | undefined,
  { output }: JournalEntry,
): GateFinding {
  const hint = output['hint']
  return {
    ...(refusals[String(output['refusal'] ?? step?.kind)] ?? {
      rule: 'schema/statement-fails',
      consequence: 'application/error',
    }),
    object: step?.node ?? 'production',
    nodes: step?.node == null ? [] : [step.node],
    severity: 'error',
    message: `${step?.words ?? ''}: ${String(output['error'] ?? '')}`,
    remedy: typeof hint === 'string' ? hint : 'Correct what is named, and run the same command again.',
  }
}
