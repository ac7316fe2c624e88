import { carriage, carryingOrders } from '../../core/carriage.ts'
import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** A table that both sides have and no publication carries stays as it was on the subscriber, in silence. */
export default defineCheck({
  id: 'replication/table-not-published',
  on: ['postgres'],
  severity: 'warning',
  needs: ['tables', 'publications', 'subscriptions'],
  question: 'Does every table that publisher and subscriber both have arrive on the subscriber?',
  seeds: [0],
  *run({ nodes }) {
    for (const node of nodes) {
      const publisher = nodes.find(({ name }) => name === node.upstream)
      if (node.role !== 'subscriber' || !publisher) continue
      const here = new Set(node.tables.map(({ schema, name }) => `${schema}.${name}`))
      const publishesRoots = publisher.tables.some(
        ({ kind, schema, name }) =>
          kind === 'partitioned' &&
          publisher.publications.some(({ tables }) => tables.some((t) => t.schema === schema && t.name === name)),
      )
      for (const table of publisher.tables) {
        if (table.kind !== 'table' || table.unlogged || !here.has(`${table.schema}.${table.name}`)) continue
        // Published through its root, a partition is not listed itself.
        if (table.isPartition && publishesRoots) continue
        const carried = carriage(publisher.publications, node.subscriptions, table.schema, table.name)
        if (carried.gap === null || carried.gap === 'not-ready') continue
        const publication = carried.publications[0] ?? '(none)'
        const place = { publisher: publisher.name, subscriber: node.name, schema: table.schema, table: table.name }
        const { words, commands } = carryingOrders(carried, place)
        yield {
          subject: subject.publicationTable(publisher.name, publication, table.schema, table.name),
          node: node.name,
          message: `${table.schema}.${table.name} is on ${publisher.name} and on ${node.name}, and is not carried whole: ${carried.detail}`,
          evidence: {
            gap: carried.gap,
            publication,
            subscription: carried.subscription,
            in_pg_subscription_rel: carried.subscribed,
          },
          remedy: [
            `If ${node.name} should have its rows: ${words}`,
            ...(commands.length > 0 ? [`In this order: ${commands.join(' ')}`] : []),
          ].join(' '),
        }
      }
    }
  },
})
