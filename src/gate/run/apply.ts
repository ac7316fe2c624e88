import { isOfRows } from '../data-errors.ts'
import type { Step } from './targets.ts'
import type { Moment, StatementResult } from '../rehearsal.ts'
import { transactionWord } from '../change/relations.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import { lookAt } from './look.ts'
import type { Stage } from './stage.ts'
import { standIn } from './stand-in.ts'
import { StatementRunner } from './statement-runner.ts'
import { notRun, reloadWritten, writeAccessRules, writeSetting } from './write-files.ts'

const limits = {
  moments: {
    default: 20,
    unit: 'looks',
    why: 'each takes a tenth of a second; a change that goes to and fro is seen by then',
  },
} as const

/**
 * Runs the files one after the other, each as psql would with ON_ERROR_STOP: statement by statement, in one session a node,
 * with the file's own BEGIN and COMMIT. The first error ends the change, but for one that our made-up rows may be to blame for:
 * then the statement is left out, and what follows is still looked at.
 */
export async function applyChange(stage: Stage, steps: readonly Step[]): Promise<Applied> {
  const results: StatementResult[] = []
  const between: Moment[] = []
  for (const file of new Set(steps.map(({ statement }) => statement.file))) {
    const ofFile = steps.filter(({ statement }) => statement.file === file)
    results.push(...(await applyFile(stage, ofFile, between)))
    if (results.some(ends)) break
  }
  return { results, between }
}

export interface Applied {
  readonly results: readonly StatementResult[]
  readonly between: readonly Moment[]
}

const ends = (result: StatementResult): boolean => result.error !== null && !isOfRows(result)

async function applyFile(stage: Stage, steps: readonly Step[], between: Moment[]): Promise<readonly StatementResult[]> {
  const runners = new Map<string, StatementRunner>()
  const results: StatementResult[] = []
  try {
    for (const [index, { statement, nodes }] of steps.entries()) {
      const previous = steps[index - 1]
      // An open transaction of the change may hold what the look would wait for; nobody else sees it then either.
      const isOpen = [...runners.values()].some((runner) => runner.isOpen)
      if (previous && goesOver(previous, nodes) && !isOpen && between.length < limits.moments.default)
        between.push({ behind: previous.statement, snapshot: await lookAt(stage, '') })
      for (const node of nodes) {
        const result = await applyStatement(stage, statement, node, runners)
        results.push(result)
        if (ends(result)) return results
      }
    }
    reloadWritten(stage, steps)
    return withUnfinished(results, runners)
  } finally {
    for (const runner of runners.values()) await runner.close()
  }
}

/** Rows of applications come all the time: what holds between two nodes' turns is felt. */
const goesOver = (previous: Step, nodes: readonly string[]): boolean =>
  nodes.some((node) => !previous.nodes.includes(node))

async function applyStatement(
  stage: Stage,
  statement: ChangeStatement,
  node: string,
  runners: Map<string, StatementRunner>,
): Promise<StatementResult> {
  if (statement.kind === 'AccessRules') return writeAccessRules(stage, statement, node)
  const stand = standIn(statement, stage.copies)
  const why = stand.kind === 'as-it-is' ? null : stand.why
  if (stand.kind === 'withheld') return notRun(statement, node, why)
  const sql = stand.kind === 'instead' ? stand.sql : statement.sql
  if (statement.kind === 'SettingLine') {
    writeSetting(stage, sql, node)
    return notRun(statement, node, why)
  }
  const runner = runners.get(node) ?? (await StatementRunner.open(stage, node))
  if ('refused' in runner) return { ...notRun(statement, node, why), error: runner.refused }
  runners.set(node, runner)
  return { ...(await runner.run(statement, sql)), withheld: why }
}

/** psql's end rolls back what the file left open. */
function withUnfinished(
  results: readonly StatementResult[],
  runners: ReadonlyMap<string, StatementRunner>,
): readonly StatementResult[] {
  const message = 'the file ends inside this transaction: nothing of it is kept'
  const last = (node: string): StatementResult | undefined =>
    results.findLast((result) => result.node === node && transactionWord(result.statement.tree) !== null)
  const open = [...runners].filter(([, runner]) => runner.isOpen).map(([node]) => last(node))
  return results.map((result) => (open.includes(result) ? { ...result, error: { code: null, message } } : result))
}
