import { defineCheck } from '../../core/check.ts'
import { columnDifferences, stopsApply } from '../../core/columns.ts'
import type { TableFact } from '../../core/facts/postgres/schema.ts'
import { subject } from '../../core/subject.ts'

/** Logical replication carries rows, not DDL: a column that only the publisher has stops the apply worker at the next row. */
export default defineCheck({
  id: 'replication/schema-parity',
  on: ['postgres'],
  severity: 'error',
  needs: ['tables', 'publications', 'subscriptions'],
  limits: { sustainMs: { default: 60_000, unit: 'ms', why: 'a migration reaches the nodes one after the other' } },
  sustainMs: 'sustainMs',
  question: 'Does every published table have the same columns on its subscriber?',
  seeds: [0],
  *run({ nodes }) {
    for (const node of nodes) {
      const publisher = nodes.find(({ name }) => name === node.upstream)
      if (node.role !== 'subscriber' || !publisher) continue
      const names = new Set(node.subscriptions.flatMap(({ publications }) => publications))
      const published = publisher.publications.filter(({ name }) => names.has(name)).flatMap(({ tables }) => tables)
      for (const entry of published) {
        const there = publisher.tables.find(same(entry))
        const here = node.tables.find(same(entry))
        if (!there) continue
        const differences = columnDifferences(there, here, entry.columns)
        if (differences.length === 0) continue
        const stops = differences.some(stopsApply)
        const words = differences.map((difference) => difference.words).join('; ')
        yield {
          subject: subject.table(node.name, entry.schema, entry.name),
          node: node.name,
          ...(!stops && { severity: 'warning' as const }),
          message: `${entry.schema}.${entry.name} differs between ${publisher.name} and ${node.name}: ${words}${stops ? '' : ' (wide enough for every value)'}`,
          evidence: { publisher: publisher.name, differences: words },
          remedy: stops
            ? `Run the DDL that is missing on ${node.name}; next time subscriber first, then publisher.`
            : `Apply goes on, unless the subscription has binary = true. Give ${publisher.name} the wider type as well, or leave it so.`,
        }
      }
    }
  },
})

const same =
  (entry: { readonly schema: string; readonly name: string }) =>
  (table: TableFact): boolean =>
    table.schema === entry.schema && table.name === entry.name
