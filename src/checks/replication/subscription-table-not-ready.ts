import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** A table whose first copy does not end is neither old nor new on the subscriber. */
export default defineCheck({
  id: 'replication/subscription-table-not-ready',
  on: ['postgres'],
  severity: 'warning',
  needs: ['subscriptions'],
  limits: { sustainMs: { default: 600_000, unit: 'ms', why: 'the first copy of a large table takes minutes' } },
  sustainMs: 'sustainMs',
  question: 'Has every subscribed table finished its first copy?',
  seeds: [0],
  *run({ nodes }) {
    for (const node of nodes)
      for (const subscription of node.subscriptions)
        for (const table of subscription.tables) {
          if (table.state === 'r') continue
          yield {
            subject: subject.table(node.name, table.schema, table.name),
            node: node.name,
            message: `${table.schema}.${table.name} on ${node.name} has not finished its first copy: ${words[table.state] ?? `state ${table.state}`}`,
            evidence: { subscription: subscription.name, srsubstate: table.state },
            remedy: `Look at pg_stat_progress_copy on ${node.name} and at its log for the tablesync worker.`,
          }
        }
  },
})

/** `pg_subscription_rel.srsubstate`. */
const words: Readonly<Record<string, string>> = {
  i: 'initialise (i), it waits for its turn',
  d: 'copying (d)',
  f: 'copied (f), not yet joined to the rest',
  s: 'synchronised (s), about to be ready',
}
