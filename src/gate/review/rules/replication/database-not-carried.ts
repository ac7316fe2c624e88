import { subject } from '../../../../core/subject.ts'
import { child, text } from '../../../change/tree.ts'
import { basisOf, fresh, isOnPrimary, nodesOf, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** A subscription belongs to one database: another one exists on the standby, and never on the subscriber. */
export default defineReviewRule({
  id: 'replication/database-not-carried',
  consequence: 'replication/publication-incomplete',
  severity: 'warning',
  question: 'Is every new database one that subscribers do not need?',
  *run(input) {
    const nodes = nodesOf(input, 'subscriber')
    for (const statement of fresh(input)) {
      const name = text(child(statement.tree, 'CreatedbStmt'), 'dbname')
      if (name === null || nodes.length === 0 || !isOnPrimary(input, statement)) continue
      yield {
        object: subject.database(primaryOf(input), name),
        nodes,
        message: `database ${name} exists on the primary and its standbys, and on no subscriber: no subscription crosses databases`,
        remedy:
          'Make it there, too, with a publication and a subscription of its own, or say by an ignore comment that nobody needs it.',
        at: statement,
        basis: basisOf(input),
      }
    }
  },
})
