import type { AccessRuleFact } from '../../../core/facts/postgres/access.ts'
import { subject } from '../../../core/subject.ts'
import { admits, firstMatch } from '../../review/admission.ts'
import type { AccessLine, Login } from '../../review/input.ts'
import { replicationLogins } from '../../review/logins.ts'
import type { Rehearsal } from '../../rehearsal.ts'
import { defineRule } from '../../rule.ts'

/**
 * Whom the new pg_hba.conf lets in, by its own lines as the copy's server has read them: everybody comes to the copy from this
 * host, so that a login that gets in there proves nothing.
 */
export default defineRule({
  id: 'connection/access-rules',
  consequence: 'connection/access-rules',
  severity: 'critical',
  question: 'Do the contracts, standbys and subscriptions find a line that lets them in?',
  *run(rehearsal) {
    const { after, changed, results } = rehearsal
    for (const node of new Set(
      results.filter(({ statement: { kind } }) => kind === 'AccessRules').map((one) => one.node),
    )) {
      const [seen] = [changed, after]
        .map(({ nodes }) => nodes.find(({ name }) => name === node)?.facts.accessRules)
        .filter((fact) => fact?.seen === true)
      if (!seen?.seen) continue
      // The first line is ours.
      const lines = seen.value.rules.slice(1).flatMap(lineOf)
      for (const login of loginsOn(node, rehearsal)) {
        const match = firstMatch(lines, login)
        if (match && admits(match)) continue
        yield {
          object: subject.accessRules(node),
          nodes: [node],
          message: `${login.who} no longer gets in on ${node} as ${login.role} to ${login.database}: ${match ? `line ${match.line - 1} rejects it` : 'no line of the new pg_hba.conf is for it'}; sessions that are open go on, and hide it`,
          remedy: `Add a line: ${login.tls === false ? 'host' : 'hostssl'} ${login.database} ${login.role} ADDRESS scram-sha-256`,
          about: [],
        }
      }
    }
  },
})

const lineOf = ({ type, databases, roles, address, method, line }: AccessRuleFact): readonly AccessLine[] =>
  type === null || method === null ? [] : [{ type, databases, roles, address, method, line }]

/** The contracts' and the replication's; from which address a contract comes is not known, so that any line may be for it. */
function loginsOn(node: string, { logins, real }: Rehearsal): readonly Login[] {
  const server = real.find(({ name }) => name === node)
  const isPlain = server?.facts.settings.seen === true && server.facts.settings.value['ssl'] === 'off'
  const own = logins.before
    .filter((login) => login.node === node)
    .map((login): Login => ({
      who: `contract ${login.contract} (${login.instance})`,
      role: login.role,
      database: login.database,
      address: null,
      tls: isPlain ? false : null,
      node,
    }))
  return [...own, ...replicationLogins(real).filter((login) => login.node === node)]
}
