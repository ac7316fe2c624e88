import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** Counters that grow, not states: in a crash loop single samples look green. */
export default defineCheck({
  id: 'replication/subscription-errors',
  on: ['postgres'],
  severity: 'error',
  needs: ['subscriptionStates', 'server'],
  limits: {
    errors: { default: 2, unit: 'count', why: 'a planned restart of the publisher counts one' },
  },
  question: 'Do apply or synchronisation errors of a subscription grow?',
  seeds: [0, 1],
  *run({ nodes, limits }) {
    for (const node of nodes)
      for (const now of node.subscriptionStates) {
        const before = node.earlier
          .filter((past) => past.server.startedMs === node.server.startedMs)
          .flatMap((past) => past.subscriptionStates.filter(({ name }) => name === now.name))[0]
        if (!before || now.applyErrors === null || before.applyErrors === null) continue
        // Less than before: the statistics were reset, and nothing can be said of this interval.
        const apply = now.applyErrors - before.applyErrors
        const sync = (now.syncErrors ?? 0) - (before.syncErrors ?? 0)
        if (apply < limits.errors && sync < limits.errors) continue
        yield {
          subject: subject.subscription(node.name, now.name),
          node: node.name,
          message: `subscription ${now.name} on ${node.name} failed ${Math.max(apply, sync)} times`,
          evidence: {
            apply_error_count: now.applyErrors,
            apply_growth: apply,
            sync_error_count: now.syncErrors,
            sync_growth: sync,
          },
          remedy: `Read the log of ${node.name}: it names the row and the SQLSTATE. Mend the row or the column; skip a transaction only after reading it.`,
        }
      }
  },
})
