import { subject } from '../../../../core/subject.ts'
import { admits, firstMatch } from '../../admission.ts'
import { basisOf, factOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** Sessions that are open go on, so nothing is seen until the next reconnect: of a pool, a standby, a subscription. */
export default defineReviewRule({
  id: 'access/login-shut-out',
  consequence: 'connection/access-rules',
  severity: 'error',
  question: 'Does every contract and every replication login still get in?',
  *run(input) {
    const { accessFiles, topology } = input
    for (const { nodes, lines, unknownAt, at } of accessFiles) {
      const isUnmentioned = unknownAt.length === 0 && lines.every(({ databases }) => !databases.includes('replication'))
      for (const node of nodes) {
        // By which role a consumer comes is not always known.
        const isTested = topology?.logins.some(
          (login) => login.node === node && /^(standby|subscription) /.test(login.who),
        )
        const hasConsumers = topology === null || (factOf(input, node, 'senders') ?? []).length > 0
        if (isUnmentioned && hasConsumers && isTested !== true)
          yield {
            object: subject.accessRules(node),
            nodes: [node],
            severity: 'warning',
            message:
              'no rule is for replication ("all" does not mean it): a physical standby or base backup does not get in again',
            remedy: 'Keep a line like: host replication REPLICATION_ROLE ADDRESS scram-sha-256',
            at,
            basis: basisOf(input),
          }
      }
      for (const login of topology?.logins ?? []) {
        if (!nodes.includes(login.node)) continue
        const match = firstMatch(lines, login)
        const isOpen = unknownAt.some((line) => match === null || line < match.line)
        if (isOpen || (match !== null && admits(match))) continue
        const why = match === null ? 'no rule is for it' : `line ${match.line} rejects it`
        yield {
          object: subject.accessRules(login.node),
          nodes: [login.node],
          message: `${login.who} (role ${login.role}, database ${login.database}${login.address === null ? '' : `, from ${login.address}`}) does not get in again: ${why} (28000); sessions that are open go on until they reconnect`,
          remedy: 'Put a rule for it above the first one that matches.',
          at: { ...at, line: match?.line ?? at.line },
          basis: 'topology',
        }
      }
    }
  },
})
