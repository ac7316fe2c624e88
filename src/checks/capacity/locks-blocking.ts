import { defineCheck } from '../../core/check.ts'
import type { BlockedFact } from '../../core/facts/postgres/sessions.ts'
import { subject } from '../../core/subject.ts'

/** Sessions that wait for one lock look like a slow network from outside, and like nothing at all in CPU. */
export default defineCheck({
  id: 'capacity/locks-blocking',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  needs: ['blocked'],
  limits: {
    waitMs: {
      default: 2_000,
      unit: 'ms',
      why: 'longer than a lock is held in ordinary work, shorter than most clients wait',
    },
    waiters: { default: 3, unit: 'count', why: 'a queue, not a pair: fewer are a warning' },
  },
  question: 'Do sessions wait for a lock, and who holds it?',
  seeds: [0, 3],
  *run({ nodes, limits }) {
    for (const node of nodes)
      for (const { root, behind } of queuesOf(node.blocked)) {
        const waiting = behind.filter(({ waitMs }) => waitMs >= limits.waitMs)
        const first = waiting.find(({ blockerPid }) => blockerPid === root) ?? waiting[0]
        if (!first) continue
        const head = behind.find(({ blockerPid }) => blockerPid === root)
        const waiters = new Set(waiting.map(({ pid }) => pid)).size
        const holder = root === preparedPid ? 'a prepared transaction' : `pid ${root}`
        yield {
          subject: subject.session(node.name, root),
          node: node.name,
          ...(waiters < limits.waiters && { severity: 'warning' as const }),
          message: `${waiters} ${waiters === 1 ? 'session' : 'sessions'} on ${node.name} ${waiters === 1 ? 'waits' : 'wait'} for a lock on ${first.relation ?? 'an object'} behind ${holder}`,
          evidence: {
            blocker_pid: root,
            blocker_role: head?.blockerRole ?? null,
            blocker_state: head?.blockerState ?? null,
            relation: first.relation,
            waiters,
            longest_ms: Math.max(...waiting.map(({ waitMs }) => Math.round(waitMs))),
          },
          remedy:
            root === preparedPid
              ? `No session holds it, there is nothing to terminate. On ${node.name}: select gid, prepared, owner, database from pg_prepared_xacts order by prepared; ask the owner, then in that database: rollback prepared 'GID'; or commit prepared 'GID';`
              : `Decide whether pid ${root} may go; then on ${node.name}: select pg_terminate_backend(${root});`,
        }
      }
  },
})

/** pg_blocking_pids() says 0 for a prepared transaction: it holds locks without a session. */
const preparedPid = 0

interface Queue {
  readonly root: number
  readonly behind: readonly BlockedFact[]
}

/** For each holder that does not wait itself: all who wait behind it, also through others. A session can wait behind several. */
function queuesOf(blocked: readonly BlockedFact[]): readonly Queue[] {
  const waits = new Set(blocked.map(({ pid }) => pid))
  const roots = new Set(blocked.map(({ blockerPid }) => blockerPid).filter((pid) => !waits.has(pid)))
  return [...roots].map((root) => {
    const reached = new Set([root])
    let before = 0
    while (reached.size > before) {
      before = reached.size
      for (const { pid, blockerPid } of blocked) if (reached.has(blockerPid)) reached.add(pid)
    }
    return { root, behind: blocked.filter(({ blockerPid }) => reached.has(blockerPid)) }
  })
}
