import { canonicalJson } from '../../core/json.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { describedOf } from '../described.ts'
import type { StatementResult } from '../rehearsal.ts'

/** Tables that the change has to do with: those it locked against writers, and those that are described otherwise now. */
export function touchedTables(
  before: Snapshot,
  after: Snapshot,
  results: readonly StatementResult[],
): ReadonlySet<string> {
  const touched = new Set(results.flatMap((result) => result.touched))
  for (const { name } of after.nodes) {
    const [was, is] = [definitions(before, name), definitions(after, name)]
    for (const [table, text] of is) if (was.get(table) !== text) touched.add(table)
  }
  return touched
}

/** What is said of each table on a node: its definition, what publishes it, what subscribes to it. Counts of rows do not matter. */
function definitions(snapshot: Snapshot, node: string): ReadonlyMap<string, string> {
  const described = describedOf(snapshot, node)
  if (!described) return new Map()
  const { tables, publications, subscriptions } = described
  return new Map(
    tables.map((table) => {
      const isIt = (entry: { schema: string; name: string }): boolean =>
        entry.schema === table.schema && entry.name === table.name
      const published = publications.map((publication) => [
        publication.name,
        publication.publishes,
        publication.tables.filter(isIt),
      ])
      const subscribed = subscriptions.map((one) => [one.name, one.enabled, one.publications, one.tables.some(isIt)])
      return [`${table.schema}.${table.name}`, canonicalJson([{ ...table, rowsEstimated: 0 }, published, subscribed])]
    }),
  )
}
