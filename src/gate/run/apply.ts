import { isOfRows } from '../data-errors.ts'
import type { Step } from './targets.ts'
import type { StatementResult } from '../rehearsal.ts'
import { transactionWord } from '../change/relations.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import type { Stage } from './stage.ts'
import { standIn } from './stand-in.ts'
import { StatementRunner } from './statement-runner.ts'
import { notRun, reloadWritten, writeAccessRules, writeSetting } from './write-files.ts'

/**
 * Runs the files one after the other, each as psql would with ON_ERROR_STOP: statement by statement, in one session a node,
 * with the file's own BEGIN and COMMIT. The first error ends the change, but for one that our made-up rows may be to blame for:
 * then the statement is left out, and what follows is still looked at.
 */
export async function applyChange(stage: Stage, steps: readonly Step[]): Promise<readonly StatementResult[]> {
  const results: StatementResult[] = []
  for (const file of new Set(steps.map(({ statement }) => statement.file))) {
    const ofFile = steps.filter(({ statement }) => statement.file === file)
    results.push(...(await applyFile(stage, ofFile)))
    if (results.some(ends)) break
  }
  return results
}

const ends = (result: StatementResult): boolean => result.error !== null && !isOfRows(result)

async function applyFile(stage: Stage, steps: readonly Step[]): Promise<readonly StatementResult[]> {
  const runners = new Map<string, StatementRunner>()
  const results: StatementResult[] = []
  try {
    for (const { statement, nodes } of steps)
      for (const node of nodes) {
        const result = await applyStatement(stage, statement, node, runners)
        results.push(result)
        if (ends(result)) return results
      }
    reloadWritten(stage, steps)
    return withUnfinished(results, runners)
  } finally {
    for (const runner of runners.values()) await runner.close()
  }
}

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
