import { subject } from '../../../core/subject.ts'
import { pairsOf } from '../../logins.ts'
import { defineRule } from '../../rule.ts'

/** Nothing fails where another schema has a table of the same name: the application reads and writes the wrong one. */
export default defineRule({
  id: 'connection/other-table',
  consequence: 'connection/role-settings',
  severity: 'error',
  question: 'Do the names that the contracts use still lead to the same tables in a new session?',
  *run({ logins }) {
    const told = new Set<string>()
    for (const { was, is } of pairsOf(logins))
      for (const before of was.tables) {
        const now = is.tables.find(({ name }) => name === before.name)
        // A table that was moved is the same one; one that was replaced in its schema was meant to be.
        if (!now || before.schema === null || now.schema === null) continue
        if (now.schema === before.schema || now.oid === before.oid) continue
        const object = subject.table(is.node, now.schema, now.name.slice(now.name.indexOf('.') + 1))
        if (told.has(`${is.role} ${object}`)) continue
        told.add(`${is.role} ${object}`)
        yield {
          object,
          nodes: [is.node],
          message: `after the change ${now.name} is that of schema ${now.schema} for new sessions of ${is.role} (contract ${is.contract}), and was that of ${before.schema}`,
          remedy: `Leave out the search_path or the table that does it, or write the schema in the application's statements; sessions that are open go on with ${before.schema} until their pool's next turn.`,
          about: [`${now.schema}.${now.name.slice(now.name.indexOf('.') + 1)}`],
        }
      }
  },
})
