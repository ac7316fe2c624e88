import { subject } from '../../../core/subject.ts'
import type { UncopiedTable } from '../../rehearsal.ts'
import { defineRule } from '../../rule.ts'
import { shown } from '../../wayback/names.ts'

/** The first copy of a table reads it by the subscription's own login: where that may not, its worker tries again and again. */
export default defineRule({
  id: 'replication/copy-refused',
  consequence: 'replication/divergence',
  severity: 'error',
  question: 'May the logins of the subscriptions read every table that the change gives them?',
  *run({ uncopied, primary }) {
    for (const one of uncopied) {
      const { node, subscription, role, schema, table, lacks, isCertain } = one
      const name = `${schema}.${table}`
      const surmise = isCertain
        ? ''
        : ', unless default privileges give it the right in production, where another role makes the table'
      yield {
        object: subject.subscription(node, subscription),
        nodes: [node],
        severity: isCertain ? 'error' : 'warning',
        message:
          lacks === 'select'
            ? `${role}, by which ${subscription} on ${node} logs in, may not read ${name} on ${primary}: its first copy fails again and again, and no row of it arrives${surmise}`
            : `row security of ${name} shows no row to ${role}, by which ${subscription} on ${node} logs in: its first copy is empty, and nothing tells of it`,
        remedy: remedyFor(one, primary),
        about: [name],
      }
    }
  },
})

const remedyFor = ({ role, schema, table, lacks, subscription }: UncopiedTable, primary: string): string =>
  lacks === 'select'
    ? `Before the refresh of ${subscription}:\n-- antemortem:on ${primary}\ngrant usage on schema ${shown(schema)} to ${shown(role)};\ngrant select on ${shown(schema)}.${shown(table)} to ${shown(role)};`
    : `Before the refresh of ${subscription}:\n-- antemortem:on ${primary}\ncreate policy first_copy on ${shown(schema)}.${shown(table)} for select to ${shown(role)} using (true);`
