import { asNamed } from '../../../change/relations.ts'
import { child, list, text } from '../../../change/tree.ts'
import { basisOf, fresh, isOnPrimary, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { resolved, wordsOf } from '../../tables.ts'

const kinds = new Set(['OBJECT_TABLE', 'OBJECT_SCHEMA'])

/** A privilege that is taken away is missed at once, by old sessions as well. */
export default defineReviewRule({
  id: 'application/privilege-revoked',
  consequence: 'application/error',
  severity: 'warning',
  question: 'Does every application keep the privileges that it uses?',
  *run(input) {
    for (const statement of fresh(input)) {
      const grant = child(statement.tree, 'GrantStmt')
      if (grant === null || grant['is_grant'] === true || !kinds.has(text(grant, 'objtype') ?? '')) continue
      if (!isOnPrimary(input, statement)) continue
      const roles = list(grant, 'grantees').flatMap((each) => text(child(each, 'RoleSpec'), 'rolename') ?? [])
      const rights = list(grant, 'privileges').map((each) => text(child(each, 'AccessPriv'), 'priv_name') ?? '')
      const isLogin = input.topology?.logins.some((login) => roles.includes(login.role)) ?? false
      if (roles.length === 0 || (input.topology !== null && !isLogin)) continue
      for (const object of list(grant, 'objects')) {
        const relation = child(object, 'RangeVar')
        const schema = text(child(object, 'String'), 'sval')
        const table = relation === null ? null : resolved(input, asNamed(relation))
        const what = table === null ? `schema ${schema ?? ''}` : wordsOf(table)
        yield {
          object: `${primaryOf(input)}:${what}`,
          nodes: [primaryOf(input)],
          severity: isLogin ? 'error' : 'warning',
          message: `${roles.join(', ')} may no longer ${rights.join(', ') || 'use'} ${what}: statements of ${isLogin ? 'a contract' : 'whoever logs in so'} fail at once (42501), in old sessions, too`,
          remedy: 'Deploy a version that no longer needs it first.',
          at: statement,
          basis: basisOf(input),
        }
      }
    }
  },
})
