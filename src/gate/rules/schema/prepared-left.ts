import { subject } from '../../../core/subject.ts'
import { defineRule } from '../../rule.ts'

/** A prepared transaction belongs to no session: its locks outlive the file, its sessions and the next restart. */
export default defineRule({
  id: 'schema/prepared-left',
  consequence: 'contention/lock',
  severity: 'error',
  question: 'Has the change finished every transaction that it began?',
  *run({ prepared, results }) {
    for (const { node, gid } of prepared) {
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
