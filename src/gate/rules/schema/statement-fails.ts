import { isOfRows } from '../../data-errors.ts'
import type { StatementResult } from '../../rehearsal.ts'
import { defineRule } from '../../rule.ts'

/** A statement that the server refuses stops the change in the middle: what stood before it is done, what follows is not. */
export default defineRule({
  id: 'schema/statement-fails',
  consequence: 'application/error',
  severity: 'error',
  question: 'Does every statement of the change go through?',
  *run({ results, notBuilt, probes }) {
    for (const [index, result] of results.entries()) {
      const { statement, node, error } = result
      if (error === null) continue
      const place = `${statement.file}:${statement.line}`
      // Production was asked: its rows decide, and what they say stands elsewhere.
      if (isOfRows(result) && probes.some((probe) => isSame(probe.statement, statement) && probe.rows !== null))
        continue
      // A state that stands in the way harms nobody, where nothing of the change is done yet.
      const isFirst = results.slice(0, index).every(({ statement: { kind } }) => harmless.has(kind))
      const isSpared = /^55(?:000|006)$/.test(error.code ?? '') && isFirst
      const doubt = isSpared ? 'nothing of the change is done then' : doubtOf(result, notBuilt)
      const code = error.code === null ? '' : ` (${error.code})`
      yield {
        object: place,
        nodes: [node],
        severity: doubt === null ? 'error' : 'warning',
        message: `${place}: ${node} refuses the statement${code}: ${error.message}${doubt === null ? '' : `; ${doubt}`}`,
        remedy:
          doubt === null || isSpared
            ? 'Correct the statement; where a part of the change was made by hand already, write it so that it passes twice ("if not exists").'
            : 'Look in production, with a query, whether any row stands against it.',
        about: [],
        statement,
      }
    }
  },
})

const isSame = (a: Place, b: Place): boolean => a.file === b.file && a.line === b.line
type Place = Pick<StatementResult['statement'], 'file' | 'line'>

/** Statements that leave nothing behind where the next one fails. */
const harmless = new Set(['TransactionStmt', 'VariableSetStmt', 'SelectStmt'])

/** Why the copy, and not the change, may be to blame. */
function doubtOf(result: StatementResult, notBuilt: readonly string[]): string | null {
  if (isOfRows(result)) return "the copy has made-up rows: whether production's stand against it was not seen"
  // The name that is unknown may be one of those that could not be copied.
  return notBuilt.length > 0 && /^42(P01|704|703|883)$|^3F000$/.test(result.error?.code ?? '')
    ? `${notBuilt.length} definitions could not be copied, and it may be because of them`
    : null
}
