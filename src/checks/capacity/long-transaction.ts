import { defineCheck } from '../../core/check.ts'
import { isClient, isDump } from '../../core/long-by-design.ts'
import { subject } from '../../core/subject.ts'

/** One old transaction keeps vacuum from every row that died since, in every table, and its locks from everybody. */
export default defineCheck({
  id: 'capacity/long-transaction',
  on: ['postgres'],
  severity: 'warning',
  needs: ['activity'],
  limits: {
    warningMs: {
      default: 900_000,
      unit: 'ms',
      why: 'longer than requests and batches take, shorter than bloat takes to hurt',
    },
    errorMs: { default: 7_200_000, unit: 'ms', why: 'two hours of dead rows in every table that is written' },
    dumpMs: {
      default: 7_200_000,
      unit: 'ms',
      why: 'a dump is one long transaction by design, until it takes longer than a night leaves it',
    },
  },
  question: 'Has any client been in one transaction for long?',
  seeds: [1],
  *run({ nodes, limits }) {
    for (const node of nodes)
      for (const one of node.activity.long) {
        if (!isClient(one)) continue
        const isOfDump = isDump(one)
        if (one.xactMs < (isOfDump ? limits.dumpMs : limits.warningMs)) continue
        yield {
          subject: subject.session(node.name, one.pid),
          node: node.name,
          severity: !isOfDump && one.xactMs >= limits.errorMs ? 'error' : 'warning',
          message: `pid ${one.pid} (${one.role ?? '?'}, ${one.application || 'no application_name'}) on ${node.name} has been in one transaction for ${Math.round(one.xactMs / 60_000)} min`,
          evidence: {
            pid: one.pid,
            usename: one.role,
            datname: one.database,
            application_name: one.application,
            state: one.state,
            xact_ms: Math.round(one.xactMs),
            wait_event: one.waitEvent,
            xmin_age: one.xminAge,
          },
          remedy: `Ask whose it is. On ${node.name}: select pg_cancel_backend(${one.pid}); ends its statement, select pg_terminate_backend(${one.pid}); its session; both roll its work back.`,
        }
      }
  },
})
