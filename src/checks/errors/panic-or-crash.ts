import { defineCheck } from '../../core/check.ts'
import { crashSign } from '../../core/log-signs.ts'
import { subject } from '../../core/subject.ts'
import { unreadLogs } from '../../core/unread.ts'

/** A server that crashes is back in seconds, and its monitor sees a server that is up; every session and transaction is gone. */
export default defineCheck({
  id: 'errors/panic-or-crash',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  needs: [],
  needsCluster: ['logs'],
  limits: {
    recentMs: {
      default: 120_000,
      unit: 'ms',
      why: 'clients have connected again by then: what is left is to find out why',
    },
  },
  question: 'Has any server crashed?',
  seeds: [4],
  *run({ cluster, limits, atMs }) {
    const signs = cluster.logs.entries.flatMap((entry) => {
      const sign = crashSign(entry)
      return sign === null ? [] : [{ ...entry, sign }]
    })
    for (const entries of Map.groupBy(signs, ({ node }) => node).values()) {
      const order = ['panic', 'crash', 'unclean'] as const
      const [worst] = entries.toSorted((a, b) => order.indexOf(a.sign) - order.indexOf(b.sign) || b.lastMs - a.lastMs)
      if (!worst) continue
      const lastMs = Math.max(...entries.map((entry) => entry.lastMs))
      const hurts = worst.sign !== 'unclean' && atMs - lastMs <= limits.recentMs
      yield {
        subject: subject.node(worst.node),
        node: worst.node,
        severity: hurts ? 'critical' : 'error',
        message: `${worst.node} ${worst.sign === 'unclean' ? 'was started after it had not ended in good order' : 'crashed, and dropped every session'}: ${worst.message}`,
        evidence: {
          severity: worst.severity,
          sqlstate: worst.code,
          message: worst.message,
          detail: worst.detail,
          last: new Date(lastMs).toISOString(),
          lines: entries.reduce((sum, { count }) => sum + count, 0),
        },
        remedy: `Read the log of ${worst.node} from the line before the first of these. Signal 9: on its host, dmesg -T | grep -i 'killed process' (memory). Signal 11 or 6: the statement in DETAIL, an extension, then pg_checksums. PANIC: its words name the file; see df -h.`,
      }
    }
  },
  unseen: ({ cluster }) => unreadLogs(cluster.logs),
})
