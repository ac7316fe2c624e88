import { subject } from '../../../../core/subject.ts'
import { child, text } from '../../../change/tree.ts'
import { constantOf } from '../../calls.ts'
import { basisOf, fresh } from '../../nodes.ts'
import { alteredRole } from '../../role-options.ts'
import { defineReviewRule } from '../../rule.ts'

/** Open sessions go on, and every new one is refused until each settings file and pooler has the new password. */
export default defineReviewRule({
  id: 'access/password-changed',
  consequence: 'connection/credentials',
  severity: 'warning',
  question: 'Do all who log in with a role learn of its new password at the same moment?',
  *run(input) {
    for (const statement of fresh(input)) {
      const altered = alteredRole(statement)
      const password = altered?.options.find(({ name }) => name === 'password')
      if (altered === null || password === undefined) continue
      const users = (input.topology?.logins ?? []).filter(({ role }) => role === altered.role).map(({ who }) => who)
      const isMd5 = input.statements.some((one) => {
        const set = child(one.tree, 'VariableSetStmt')
        const [value] = Array.isArray(set?.['args']) ? set['args'] : []
        return one.n < statement.n && text(set, 'name') === 'password_encryption' && constantOf(value) === 'md5'
      })
      for (const node of statement.nodes)
        yield {
          object: subject.role(node, altered.role),
          nodes: [node],
          severity: users.length > 0 ? 'error' : 'warning',
          message: `role ${altered.role} gets ${password.value === null ? 'no password' : isMd5 ? 'a password kept as md5, which rules of scram-sha-256 refuse' : 'another password'}: new sessions with the old one are refused (28P01)${users.length > 0 ? `, those of ${[...new Set(users)].join(', ')} among them` : ''}, poolers included; open ones go on`,
          remedy: 'Make a second role with the new password, move every instance over, then withdraw the old one.',
          at: statement,
          basis: basisOf(input),
        }
    }
  },
})
