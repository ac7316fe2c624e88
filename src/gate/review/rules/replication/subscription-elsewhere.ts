import { subject } from '../../../../core/subject.ts'
import { child, text } from '../../../change/tree.ts'
import { conninfoWords } from '../../conninfo.ts'
import type { ReviewInput } from '../../input.ts'
import { basisOf, factOf, fresh, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** The server takes any connection string for a subscription without trying it. */
export default defineReviewRule({
  id: 'replication/subscription-elsewhere',
  consequence: 'replication/subscriber-disconnected',
  severity: 'error',
  question: 'Does every subscription still lead to its publisher?',
  *run(input) {
    for (const statement of fresh(input)) {
      const alter = child(statement.tree, 'AlterSubscriptionStmt')
      const conninfo = text(alter, 'conninfo')
      const name = text(alter, 'subname') ?? ''
      const why = conninfo === null ? null : astray(input, conninfo)
      if (why === null) continue
      for (const node of statement.nodes)
        yield {
          object: subject.subscription(node, name),
          nodes: [node],
          severity: input.topology === null ? 'warning' : 'error',
          message: `subscription ${name} is sent elsewhere (${why}): the server does not try the address, and nothing arrives on ${node} from then on`,
          remedy: 'Try the connection string from that host first: psql "… replication=database" -c "identify_system".',
          at: statement,
          basis: basisOf(input),
        }
    }
  },
})

/** Why it is not the publisher, as far as its address is known; null: it is. */
function astray(input: ReviewInput, conninfo: string): string | null {
  if (input.topology === null) return 'whether its publisher is there, the text does not say'
  const { host = '', hostaddr = '', port = '5432', dbname = '' } = conninfoWords(conninfo)
  const primary = primaryOf(input)
  const database = factOf(input, primary, 'server')?.database
  if (database !== undefined && dbname !== '' && dbname !== database) return `database ${dbname}, not ${database}`
  const known = input.topology.addresses[primary]
  const is = `${hostaddr || host}:${port}`
  return known === undefined || known === is || `${host}:${port}` === known ? null : `${is}, not ${known}`
}
