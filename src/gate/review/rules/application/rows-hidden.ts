import { subject } from '../../../../core/subject.ts'
import { asNamed } from '../../../change/relations.ts'
import { child } from '../../../change/tree.ts'
import type { ReviewInput } from '../../input.ts'
import { basisOf, factOf, fresh, isOnPrimary, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { alterationsOf, madeBefore, resolved, same, tableOn, wordsOf, type TableName } from '../../tables.ts'

/** Row security without a policy shows nobody but the owner a row, and no statement fails: reads find nothing, updates change nothing. */
export default defineReviewRule({
  id: 'application/rows-hidden',
  consequence: 'application/error',
  severity: 'warning',
  question: 'Does everybody still see the rows of a table that gets row security?',
  *run(input) {
    const primary = primaryOf(input)
    for (const statement of fresh(input)) {
      if (!isOnPrimary(input, statement)) continue
      for (const { table, subtype } of alterationsOf(input, statement)) {
        const isForced = subtype === 'AT_ForceRowSecurity'
        if (subtype !== 'AT_EnableRowSecurity' && !isForced) continue
        if (madeBefore(input, primary, table, statement.n) !== undefined || hasPolicy(input, table)) continue
        const hidden = isForced ? null : hiddenFrom(input, table)
        // Every role that logs in by a contract passes the policies by.
        if (hidden?.length === 0) continue
        yield {
          object: subject.table(primary, table.schema, table.name),
          nodes: [primary],
          message: `${wordsOf(table)} gets row security, and this change brings no policy: without one ${isForced ? 'even its owner' : hidden === null ? 'every role but its owner and superusers' : hidden.join(', ')} finds no row and changes none, and nothing says so; pg_dump and a new copy of the table by another role are refused or empty (42501)`,
          remedy: `Put the policies into the same transaction: create policy … on ${wordsOf(table)} …; give roles that must see all rows bypassrls.`,
          at: statement,
          basis: basisOf(input),
        }
      }
    }
  },
})

/** One that the change makes, before or after: its transaction brings both. */
const hasPolicy = (input: ReviewInput, table: TableName): boolean =>
  input.statements.some((one) => {
    const relation = isOnPrimary(input, one) ? child(child(one.tree, 'CreatePolicyStmt'), 'table') : null
    return relation !== null && same(resolved(input, asNamed(relation)), table)
  })

/** Roles of contracts that policies apply to; null where nobody knows who comes. */
function hiddenFrom(input: ReviewInput, table: TableName): readonly string[] | null {
  const primary = primaryOf(input)
  const owner = tableOn(input, primary, table)?.owner
  const roles = factOf(input, primary, 'roles')
  const logins = input.topology?.logins.filter(({ who }) => who.startsWith('contract ')) ?? []
  if (owner === undefined || roles === null || logins.length === 0) return null
  const named = [...new Set(logins.map(({ role }) => role))]
  return named.filter((name) => name !== owner && roles.find((role) => role.name === name)?.superuser !== true)
}
