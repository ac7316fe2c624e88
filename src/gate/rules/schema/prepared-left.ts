import { subject } from '../../../core/subject.ts'
import type { ChangeStatement } from '../../change/read-change.ts'
import { child, text } from '../../change/tree.ts'
import { defineRule } from '../../rule.ts'

/** A prepared transaction belongs to no session: its locks outlive the file, its sessions and the next restart. */
export default defineRule({
  id: 'schema/prepared-left',
  consequence: 'contention/lock',
  severity: 'error',
  question: 'Has the change finished every transaction that it began?',
  *run({ prepared, results }) {
    // Also one that the copy refused, because there no transaction may be prepared.
    const meant = results.flatMap(({ statement, node, error }) => {
      const gid = error?.code === '55000' ? gidOf(statement, 'TRANS_STMT_PREPARE') : null
      const ended = results.some(
        (other) =>
          gidOf(other.statement, 'TRANS_STMT_COMMIT_PREPARED') === gid ||
          gidOf(other.statement, 'TRANS_STMT_ROLLBACK_PREPARED') === gid,
      )
      return gid === null || ended ? [] : [{ node, gid }]
    })
    for (const { node, gid } of [...prepared, ...meant]) {
      const left = results.find(
        ({ statement, node: on }) => on === node && statement.kind === 'TransactionStmt' && statement.sql.includes(gid),
      )
      yield {
        object: subject.setting(node, gid),
        nodes: [node],
        message: `the change leaves the prepared transaction ${gid} on ${node}: its locks stay until somebody ends it, also over a restart`,
        remedy: `End it in the change itself: commit prepared '${gid.replaceAll("'", "''")}';`,
        about: [],
        ...(left && { statement: left.statement }),
      }
    }
  },
})

const gidOf = ({ tree }: ChangeStatement, kind: string): string | null => {
  const transaction = child(tree, 'TransactionStmt')
  return text(transaction, 'kind') === kind ? text(transaction, 'gid') : null
}
