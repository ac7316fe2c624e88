import { child } from '../../../change/tree.ts'
import { callsOf } from '../../calls.ts'
import { basisOf, fresh, placedOn } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

const writing = new Set(['nextval', 'setval', 'pg_logical_emit_message'])
const allowed = new Set([
  'SelectStmt',
  'TransactionStmt',
  'VariableSetStmt',
  'VariableShowStmt',
  'ExplainStmt',
  'AlterSystemStmt',
  'CheckPointStmt',
])

/** A standby takes nothing that writes WAL. */
export default defineReviewRule({
  id: 'application/standby-refuses',
  consequence: 'application/error',
  severity: 'error',
  question: 'Does every statement for a standby only read?',
  *run(input) {
    for (const statement of fresh(input)) {
      const call = callsOf(statement.tree).find(({ name }) => writing.has(name))?.name
      const isRefused =
        call !== undefined ||
        !allowed.has(statement.kind) ||
        child(statement.tree, 'SelectStmt')?.['intoClause'] !== undefined
      for (const node of isRefused ? placedOn(input, statement, 'standby') : [])
        yield {
          object: `${node}:${call ?? statement.kind}`,
          nodes: [node],
          message: `${node} is a standby and refuses it (25006)${call === undefined ? '' : `: ${call} writes`}`,
          remedy: 'Run it on the primary; the standby follows.',
          at: statement,
          basis: basisOf(input),
        }
    }
  },
})
