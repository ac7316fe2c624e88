import { subject } from '../../../../core/subject.ts'
import { child, text } from '../../../change/tree.ts'
import { basisOf, fresh } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** Everybody who knows a database by its name is refused under the old one: applications, and every subscription. */
export default defineReviewRule({
  id: 'access/database-renamed',
  consequence: 'connection/settings-changed',
  severity: 'error',
  question: 'Does every database keep the name by which it is known?',
  *run(input) {
    for (const statement of fresh(input)) {
      const rename = child(statement.tree, 'RenameStmt')
      const from = text(rename, 'renameType') === 'OBJECT_DATABASE' ? text(rename, 'subname') : null
      for (const node of from === null ? [] : statement.nodes)
        yield {
          object: subject.database(node, from ?? ''),
          nodes: [node],
          message: `database ${from ?? ''} becomes ${text(rename, 'newname') ?? ''}: sessions and subscriptions that name the old one are refused (3D000)`,
          remedy:
            'Make a new database and move over, or change every settings file and subscription in the same window.',
          at: statement,
          basis: basisOf(input),
        }
    }
  },
})
