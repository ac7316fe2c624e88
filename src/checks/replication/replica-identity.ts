import { defineCheck } from '../../core/check.ts'
import type { PublishedTableFact } from '../../core/facts/postgres/publication.ts'
import type { TableFact } from '../../core/facts/postgres/schema.ts'
import { sqlName } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** Published without a way to name a row: the update fails on the publisher itself, for the application. */
export default defineCheck({
  id: 'replication/replica-identity',
  on: ['postgres'],
  severity: 'error',
  needs: ['tables', 'publications', 'server'],
  question: 'Can every row that is published for update or delete be named?',
  seeds: [0, 2],
  *run({ nodes }) {
    for (const node of nodes) {
      // A standby has the same catalog, and writes nothing.
      if (node.server.inRecovery) continue
      const told = new Set<string>()
      for (const publication of node.publications) {
        const operations = [publication.publishes.update && 'update', publication.publishes.delete && 'delete'].filter(
          (word) => word !== false,
        )
        if (operations.length === 0) continue
        for (const entry of publication.tables) {
          const table = node.tables.find(({ schema, name }) => schema === entry.schema && name === entry.name)
          const why = table ? lack(table, entry) : null
          const about = subject.table(node.name, entry.schema, entry.name)
          if (!table || why === null || told.has(about)) continue
          told.add(about)
          const full = `${sqlName(table.schema)}.${sqlName(table.name)}`
          const isRoot = table.kind === 'partitioned'
          yield {
            subject: about,
            node: node.name,
            // Its partitions may each have what it lacks.
            ...(isRoot && { severity: 'warning' as const }),
            message: `${operations.join(' and ')} of ${table.schema}.${table.name} ${isRoot ? 'can fail' : 'fails'} on ${node.name}: publication ${publication.name} sends it, and it has ${why}`,
            evidence: {
              publication: publication.name,
              publishes: operations.join(', '),
              relreplident: table.replicaIdentity,
              primary_key: table.primaryKey.join(', ') || null,
              column_list: entry.columns?.join(', ') ?? null,
            },
            remedy: why.startsWith('a column list')
              ? `Publish the columns of its key as well, or all: alter publication ${sqlName(publication.name)} set table …; it must name every table that the publication carries.`
              : table.primaryKey.length > 0
                ? `On ${node.name}: alter table ${full} replica identity default;`
                : `Give it a primary key on ${node.name}. Until then, at the price of more WAL: alter table ${full} replica identity full;`,
          }
        }
      }
    }
  },
})

/** What an update of this table lacks; null where it has all. Whether the index of `i` is still there is not seen. */
function lack(table: TableFact, entry: PublishedTableFact): string | null {
  if (table.unlogged) return null
  if (table.replicaIdentity === 'n') return 'no replica identity'
  if (table.replicaIdentity === 'd' && table.primaryKey.length === 0) return 'no primary key'
  const { columns } = entry
  if (columns === null) return null
  if (table.replicaIdentity === 'f' && table.columns.some(({ name }) => !columns.includes(name)))
    return 'a column list with replica identity full'
  if (table.replicaIdentity === 'd' && table.primaryKey.some((name) => !columns.includes(name)))
    return 'a column list without its key'
  return null
}
