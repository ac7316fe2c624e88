import { subject } from '../../../core/subject.ts'
import { pairsOf } from '../../logins.ts'
import { defineRule } from '../../rule.ts'

/** A canary reads; what an application may no longer write it finds out with its next user. */
export default defineRule({
  id: 'connection/rights-lost',
  consequence: 'application/error',
  severity: 'error',
  question: 'May the roles of the contracts still do with every table what they could do before?',
  *run({ logins }) {
    const told = new Set<string>()
    for (const { was, is } of pairsOf(logins)) {
      // Its node was not there to be asked.
      if (is.rights.length === 0) continue
      for (const { schema, table, rights, barred } of was.rights) {
        const now = is.rights.find((one) => one.schema === schema && one.table === table)
        // A table that is gone is the business of another rule.
        if (!now) continue
        const lost = rights.filter((right) => !now.rights.includes(right))
        const hidden = now.barred.filter((right) => rights.includes(right) && !barred.includes(right))
        const object = subject.table(is.node, schema, table)
        if (lost.length + hidden.length === 0 || told.has(`${is.role} ${object}`)) continue
        told.add(`${is.role} ${object}`)
        if (lost.length === 0) {
          yield {
            object,
            nodes: [is.node],
            message: `after the change row security hides every row of ${schema}.${table} from ${is.role} (contract ${is.contract}): no policy is for ${hidden.join(', ')}, and no statement fails`,
            remedy: `Make the policy in the same change, before row security is enabled: create policy … on ${schema}.${table} to ${is.role} using (…);`,
            about: [`${schema}.${table}`],
          }
          continue
        }
        yield {
          object,
          nodes: [is.node],
          message: `after the change ${is.role} (contract ${is.contract}) may no longer ${lost.join(', ')} on ${schema}.${table}`,
          remedy: `Leave the REVOKE out, or grant it again in the same change: grant ${lost.join(', ')} on ${schema}.${table} to ${is.role};`,
          about: [`${schema}.${table}`],
        }
      }
    }
  },
})
