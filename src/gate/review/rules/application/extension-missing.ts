import { subject } from '../../../../core/subject.ts'
import { child, text } from '../../../change/tree.ts'
import { fresh, isOnPrimary, nodesOf, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** Replay brings the extension's objects to a standby, not its library: the first use there fails, perhaps after a fail-over. */
export default defineReviewRule({
  id: 'application/extension-missing',
  consequence: 'application/error',
  severity: 'error',
  question: 'Is the library of a new extension installed on every server that replays it?',
  *run(input) {
    for (const statement of fresh(input)) {
      const name = text(child(statement.tree, 'CreateExtensionStmt'), 'extname')
      if (name === null || input.topology === null) continue
      const standbys = isOnPrimary(input, statement) ? nodesOf(input, 'standby') : []
      for (const node of [...statement.nodes, ...standbys]) {
        const known = input.topology.extensions[node]
        if (known === undefined || known.includes(name)) continue
        const isStandby = standbys.includes(node)
        yield {
          object: subject.extension(node, name),
          nodes: [node],
          message: isStandby
            ? `extension ${name} is not installed on the host of ${node}: replay makes its objects there, and the first query that uses one fails (58P01), at the latest after a fail-over`
            : `extension ${name} is not installed on the host of ${node}: the statement fails`,
          remedy: `Install its package on the hosts of ${[...new Set([primaryOf(input), ...standbys])].join(', ')} first.`,
          at: statement,
          basis: 'probe',
        }
      }
    }
  },
})
