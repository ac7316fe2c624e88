import { subject } from '../../../core/subject.ts'
import { child } from '../../change/tree.ts'
import { closedDatabase } from '../../files/closed-database.ts'
import { defineRule } from '../../rule.ts'

/** Sessions that are open go on in a database that nobody can find any more: contracts, monitors and subscriptions fail one by one. */
export default defineRule({
  id: 'connection/database-closed',
  consequence: 'connection/credentials',
  severity: 'critical',
  question: 'Does the database keep its name, and take new connections?',
  *run({ results, logins }) {
    for (const { statement, node, error } of results) {
      const database = error === null ? closedDatabase(statement.tree) : null
      if (database === null) continue
      const isRenamed = child(statement.tree, 'RenameStmt') !== null
      const users = [
        ...new Set(logins.before.filter((login) => login.database === database).map(({ contract }) => contract)),
      ]
      yield {
        object: subject.database(node, database),
        nodes: [node],
        ...(isRenamed && { consequence: 'connection/settings-changed' }),
        message: `${statement.file}:${statement.line} ${isRenamed ? 'gives the database another name' : 'lets nobody connect to the database any more'}: ${users.length === 0 ? 'every login to it' : `contract ${users.join(', ')}`} and every subscription that reads from it fail with their next connection`,
        remedy: isRenamed
          ? 'Leave the name; where it must change, change every application and subscription in the same step.'
          : 'Leave the database open, and take the right to connect from those who are meant.',
        about: [],
        statement,
      }
    }
  },
})
