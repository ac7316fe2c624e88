import { child, text } from '../../../change/tree.ts'
import { basisOf, fresh, isOnPrimary, nodesOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** Replay makes a tablespace at the same path; where the directory is not there, the standby ends itself and does not start. */
export default defineReviewRule({
  id: 'server/tablespace-missing',
  consequence: 'replication/standby-disconnected',
  severity: 'error',
  question: 'Is the directory of a new tablespace there on every standby?',
  *run(input) {
    for (const statement of fresh(input)) {
      const create = child(statement.tree, 'CreateTableSpaceStmt')
      const name = text(create, 'tablespacename')
      const path = text(create, 'location') ?? ''
      if (name === null || !isOnPrimary(input, statement)) continue
      for (const node of nodesOf(input, 'standby'))
        yield {
          object: `${node}:tablespace ${name}`,
          nodes: [node],
          severity: input.topology === null ? 'warning' : 'error',
          message: `${node} replays it at ${path}: where that directory is missing there, it stops with a FATAL (58P01) and does not start again`,
          remedy: `On the host of ${node} first: install -d -o postgres -m 0700 ${path}; then say so by an ignore comment.`,
          at: statement,
          basis: basisOf(input),
        }
    }
  },
})
