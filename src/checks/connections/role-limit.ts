import { defineCheck, type CheckNode } from '../../core/check.ts'
import type { SessionUseFact } from '../../core/facts/postgres/activity.ts'
import type { Draft } from '../../core/finding.ts'
import { sqlName } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** A server with room to spare refuses the one role or database whose own limit is reached, with the same 53300. */
export default defineCheck({
  id: 'connections/role-limit',
  on: ['postgres'],
  severity: 'error',
  needs: ['roles', 'activity', 'databases'],
  limits: {
    warningShare: { default: 0.8, unit: 'share', why: 'a deployment starts new sessions before it ends the old ones' },
    leastLimit: {
      default: 2,
      unit: 'count',
      why: 'a limit of 0 shuts a role out and a limit of 1 is a lock: both are meant',
    },
  },
  question: 'Has any role or database nearly as many sessions as its own limit allows?',
  seeds: [2],
  *run({ nodes, limits }) {
    for (const node of nodes) {
      const { use } = node.activity
      for (const { name, connectionLimit, superuser } of node.roles)
        // A superuser passes its limit.
        if (connectionLimit >= limits.leastLimit && !superuser)
          yield* judge(node, limits.warningShare, {
            subject: subject.role(node.name, name),
            what: `role ${name}`,
            column: 'rolconnlimit',
            limit: connectionLimit,
            used: sum(use, ({ role }) => role === name),
            order: `alter role ${sqlName(name)} connection limit`,
          })
      for (const { name, connectionLimit } of node.databases)
        if (connectionLimit >= limits.leastLimit)
          yield* judge(node, limits.warningShare, {
            subject: subject.database(node.name, name),
            what: `database ${name}`,
            column: 'datconnlimit',
            limit: connectionLimit,
            used: sum(use, ({ database }) => database === name),
            order: `alter database ${sqlName(name)} connection limit`,
          })
    }
  },
})

type Place = Pick<CheckNode<'roles'>, 'name' | 'role' | 'upstream'>

interface Limited {
  readonly subject: string
  readonly what: string
  readonly column: string
  readonly limit: number
  readonly used: number
  readonly order: string
}

const sum = (use: readonly SessionUseFact[], isOf: (one: SessionUseFact) => boolean): number =>
  use.filter(isOf).reduce((total, one) => total + one.total, 0)

function* judge(
  { name: node, role, upstream }: Place,
  share: number,
  { subject, what, column, limit, used, order }: Limited,
): Iterable<Draft> {
  // A physical standby has its primary's roles and databases, and they can be changed only there.
  const primary = role === 'standby' ? (upstream ?? 'its primary') : node
  if (used / limit <= share) return
  yield {
    subject,
    node,
    severity: used >= limit ? 'error' : 'warning',
    message: `${what} has ${used} sessions on ${node}, and a limit of its own of ${limit}`,
    evidence: { [column]: limit, used },
    remedy: `Make its pools smaller, or on ${primary}: ${order} ${Math.max(limit, used) * 2};`,
  }
}
