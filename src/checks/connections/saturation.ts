import { defineCheck } from '../../core/check.ts'
import type { SessionUseFact } from '../../core/facts/postgres/activity.ts'
import { subject } from '../../core/subject.ts'

/** The last free slot is taken by whoever comes next; who comes after that gets 53300, and cannot be told why. */
export default defineCheck({
  id: 'connections/saturation',
  on: ['postgres'],
  severity: 'error',
  needs: ['sessions'],
  wants: ['activity'],
  limits: {
    warningShare: {
      default: 0.8,
      unit: 'share',
      why: 'a deployment that starts new pools before it stops the old ones needs the rest',
    },
    errorShare: { default: 0.95, unit: 'share', why: 'one more instance, and new sessions are refused' },
    sustainMs: { default: 30_000, unit: 'ms', why: 'pools that restart hold old and new sessions for a moment' },
  },
  sustainMs: 'sustainMs',
  question: 'Is there room for more client sessions?',
  seeds: [1, 2],
  *run({ nodes, limits }) {
    for (const node of nodes) {
      const { total, maxConnections, reserved } = node.sessions
      const room = maxConnections - reserved
      if (room <= 0) continue
      const share = total / room
      const isFull = share >= limits.errorShare || room - total <= 1
      if (!isFull && share <= limits.warningShare) continue
      const [most] = holdersOf(node.wanted.activity?.use ?? [])
      yield {
        subject: subject.node(node.name),
        node: node.name,
        severity: isFull ? 'error' : 'warning',
        message: `${total} of ${room} sessions that ${node.name} has for clients are taken${most ? `, most of them by ${most.who}` : ''}`,
        evidence: {
          sessions: total,
          max_connections: maxConnections,
          reserved_connections: reserved,
          ...(node.wanted.activity && { by: holdersOf(node.wanted.activity.use).map(holderText).join('; ') }),
        },
        remedy:
          most && most.idle > most.total / 2
            ? `Make the pool of ${most.who} smaller (${most.idle} of its ${most.total} sessions are idle) and restart it. At once, on ${node.name}: select pg_terminate_backend(pid) from pg_stat_activity where application_name = '…' and state = 'idle' and state_change < now() - interval '5 minutes';`
            : `On ${node.name}: select usename, application_name, client_addr, state, count(*) from pg_stat_activity group by 1, 2, 3, 4 order by 5 desc; make the largest pool smaller, or put a pooler before it.`,
      }
    }
  },
})

interface Holder {
  readonly who: string
  readonly total: number
  readonly idle: number
  readonly idleInTransaction: number
}

function holdersOf(use: readonly SessionUseFact[]): readonly Holder[] {
  return use
    .map(({ role, database, application, ...counts }) => ({
      who: `${role ?? '?'}@${database ?? '?'} ${application}`.trim(),
      ...counts,
    }))
    .toSorted((a, b) => b.total - a.total || (a.who < b.who ? -1 : 1))
    .slice(0, 3)
}

const holderText = ({ who, total, idle, idleInTransaction }: Holder): string =>
  `${who} ${total} (idle ${idle}, idle in transaction ${idleInTransaction})`
