import { subject } from '../../../../core/subject.ts'
import { defineWrapRule } from '../../wrapped.ts'

/** The server takes any connection string without a try, and its worker fails with no error that anybody counts. */
export default defineWrapRule({
  id: 'replication/connection-rewritten',
  consequence: 'replication/subscriber-disconnected',
  severity: 'error',
  question: 'Can every subscription still log in at its publisher, by the connection string that it has now?',
  *run({ connections }) {
    for (const { before, refused } of connections) {
      if (refused === null) continue
      const { node, subscription } = before
      yield {
        object: subject.subscription(node, subscription),
        nodes: [node],
        message: `subscription ${subscription} on ${node} has another connection string since the command, and a new login with it is refused where the old one is let in: ${refused}`,
        remedy: `alter subscription ${subscription} connection '…' as it was before; its slot keeps what it misses until then.`,
      }
    }
  },
})
