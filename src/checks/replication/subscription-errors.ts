import { defineCheck } from '../../core/check.ts'
import { growthOf } from '../../core/growth.ts'
import type { LogEntryFact } from '../../core/facts/cluster.ts'
import { isLinkLost } from '../../core/planned-stop.ts'
import { subject } from '../../core/subject.ts'

/** Counters that grow, not states: in a crash loop single samples look green. */
export default defineCheck({
  id: 'replication/subscription-errors',
  on: ['postgres'],
  severity: 'error',
  needs: ['subscriptionStates', 'server'],
  wantsCluster: ['logs'],
  limits: {
    errors: { default: 2, unit: 'count', why: 'a planned restart of the publisher counts one' },
  },
  question: 'Do apply or synchronisation errors of a subscription grow?',
  seeds: [0, 1],
  *run({ nodes, limits, wanted }) {
    for (const node of nodes)
      for (const now of node.subscriptionStates) {
        const past = node.earlier
          .filter(({ server }) => server.startedMs === node.server.startedMs)
          .flatMap(({ subscriptionStates }) => subscriptionStates.filter(({ name }) => name === now.name))
        if (now.applyErrors === null) continue
        const apply = growthOf(
          past.flatMap(({ applyErrors }) => applyErrors ?? []),
          now.applyErrors,
        )
        const sync = growthOf(
          past.flatMap(({ syncErrors }) => syncErrors ?? []),
          now.syncErrors ?? 0,
        )
        if (apply === null || sync === null) continue
        const own = (wanted.logs?.entries ?? []).filter((entry) => entry.node === node.name)
        // A publisher that is away is subscription-down's; the same counter counts it.
        const lost = lostLinks(own, node.earlier[0]?.atMs ?? node.atMs)
        if (apply - lost < limits.errors && sync < limits.errors) continue
        const log = own.findLast(
          ({ severity, context }) => severity === 'ERROR' && (context ?? '').includes('replication origin'),
        )
        yield {
          subject: subject.subscription(node.name, now.name),
          node: node.name,
          message: `subscription ${now.name} on ${node.name} failed ${Math.max(apply, sync)} times`,
          evidence: {
            apply_error_count: now.applyErrors,
            apply_growth: apply,
            connections_lost: lost,
            sync_error_count: now.syncErrors,
            sync_growth: sync,
            sqlstate: log?.code ?? null,
            log: log?.message ?? null,
            context: log?.context ?? null,
          },
          remedy: `Read the log of ${node.name}: it names the row and the SQLSTATE. Mend the row or the column; skip a transaction only after reading it.`,
        }
      }
  },
})

/** Since this moment; of lines that began before it the last one is certain. */
const lostLinks = (entries: readonly LogEntryFact[], fromMs: number): number =>
  entries
    .filter((entry) => entry.severity === 'ERROR' && isLinkLost(entry) && entry.lastMs >= fromMs)
    .reduce((sum, { firstMs, count }) => sum + (firstMs >= fromMs ? count : 1), 0)
