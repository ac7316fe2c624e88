import { defineCheck } from '../../core/check.ts'
import { isClient, isDump } from '../../core/long-by-design.ts'
import { subject } from '../../core/subject.ts'

/** A client that began a transaction and went away holds its locks, and keeps vacuum from every row that died since. */
export default defineCheck({
  id: 'connections/idle-in-transaction',
  on: ['postgres'],
  severity: 'warning',
  needs: ['activity'],
  wants: ['blocked'],
  limits: {
    warningMs: { default: 300_000, unit: 'ms', why: 'no client thinks for five minutes between two statements' },
    errorMs: { default: 1_800_000, unit: 'ms', why: 'half an hour of dead rows that vacuum may not remove' },
    blockingMs: {
      default: 5_000,
      unit: 'ms',
      why: 'while others wait for its locks, a forgotten transaction is told from a slow client sooner',
    },
  },
  question: 'Does any client hold a transaction open without working in it?',
  seeds: [1],
  *run({ nodes, limits }) {
    for (const node of nodes)
      for (const one of node.activity.long) {
        // The leader of a parallel dump idles in its transaction by design.
        if (!one.state?.startsWith('idle in transaction') || !isClient(one) || isDump(one)) continue
        const behind = new Set(
          node.wanted.blocked?.filter(({ blockerPid }) => blockerPid === one.pid).map(({ pid }) => pid),
        ).size
        const isBlocking = behind > 0 && one.stateMs >= limits.blockingMs
        if (one.stateMs < limits.warningMs && !isBlocking) continue
        yield {
          subject: subject.session(node.name, one.pid),
          node: node.name,
          severity: isBlocking || one.stateMs >= limits.errorMs ? 'error' : 'warning',
          message: `pid ${one.pid} (${one.role ?? '?'}, ${one.application || 'no application_name'}) has been ${one.state} on ${node.name} for ${Math.round(one.stateMs / 1000)} s${behind > 0 ? `, and ${behind} wait behind it` : ''}`,
          evidence: {
            pid: one.pid,
            usename: one.role,
            datname: one.database,
            application_name: one.application,
            state: one.state,
            state_ms: Math.round(one.stateMs),
            xact_ms: Math.round(one.xactMs),
            xmin_age: one.xminAge,
            waiters: behind,
          },
          remedy: `Ask whose it is; then on ${node.name}: select pg_terminate_backend(${one.pid}); so that it does not come back: alter role … set idle_in_transaction_session_timeout = '5min';`,
        }
      }
  },
})
