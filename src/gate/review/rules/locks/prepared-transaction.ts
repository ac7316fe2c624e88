import { child, text } from '../../../change/tree.ts'
import { basisOf, fresh } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** A prepared transaction that nobody ends keeps its locks for ever, through every restart. */
export default defineReviewRule({
  id: 'locks/prepared-transaction',
  consequence: 'contention/lock',
  severity: 'error',
  question: 'Is every prepared transaction ended?',
  *run(input) {
    for (const statement of fresh(input)) {
      const transaction = child(statement.tree, 'TransactionStmt')
      const gid = text(transaction, 'kind') === 'TRANS_STMT_PREPARE' ? text(transaction, 'gid') : null
      if (gid === null) continue
      const isEnded = input.statements.some((one) => {
        const end = child(one.tree, 'TransactionStmt')
        return one.n > statement.n && text(end, 'gid') === gid && (text(end, 'kind') ?? '').endsWith('_PREPARED')
      })
      if (isEnded) continue
      for (const node of statement.nodes)
        yield {
          object: `${node}:${gid}`,
          nodes: [node],
          message: `transaction '${gid}' is prepared and not ended: its locks stay on ${node} for ever, through restarts, and vacuum stands still behind it`,
          remedy: `Commit plainly, or end with commit prepared '${gid}'.`,
          at: statement,
          basis: basisOf(input),
        }
    }
  },
})
