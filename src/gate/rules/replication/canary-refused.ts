import { subject } from '../../../core/subject.ts'
import type { Snapshot } from '../../../core/snapshot.ts'
import { describedOf, tableIn } from '../../described.ts'
import { defineRule } from '../../rule.ts'

/** A published table without a usable identity refuses every UPDATE and DELETE, on the primary itself, at once. */
export default defineRule({
  id: 'replication/canary-refused',
  consequence: 'replication/replica-identity',
  severity: 'error',
  question: 'Can rows of every published table still be changed and deleted on the primary?',
  *run({ canaries, primary, before, after }) {
    const seen = new Set<string>()
    for (const { schema, table, step, outcome, detail } of canaries) {
      const name = `${schema}.${table}`
      if (outcome !== 'refused' || step === 'insert' || seen.has(name)) continue
      seen.add(name)
      if (identityOf(before, primary, schema, table) === identityOf(after, primary, schema, table)) continue
      yield {
        object: subject.table(primary, schema, table),
        nodes: [primary],
        message: `after the change ${primary} refuses the ${step} of rows in ${name}: ${detail ?? 'no reason given'}`,
        remedy: `Keep a primary key, or give the table another identity in the same change: alter table ${name} replica identity full;`,
        about: [name],
      }
    }
  },
})

/** All that decides whether a change of a row can be published; null while the table is not there. */
function identityOf(snapshot: Snapshot, primary: string, schema: string, name: string): string | null {
  const described = describedOf(snapshot, primary)
  const table = described && tableIn(described, schema, name)
  if (!described || !table) return null
  const published = described.publications.map(({ publishes, tables }) => [
    publishes.update,
    publishes.delete,
    tables.filter((one) => one.schema === schema && one.name === name),
  ])
  return JSON.stringify([table.replicaIdentity, table.primaryKey, table.indexes, published])
}
