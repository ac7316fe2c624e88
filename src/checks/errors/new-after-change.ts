import type { Change } from '../../core/change.ts'
import { defineCheck } from '../../core/check.ts'
import { isOwnSession } from '../../core/own-session.ts'
import { isOfPlannedStop, plannedStopLimit } from '../../core/planned-stop.ts'
import { subject } from '../../core/subject.ts'
import { unreadLogs } from '../../core/unread.ts'

const failures: ReadonlySet<string> = new Set(['ERROR', 'FATAL', 'PANIC'])
/** Starts and ends of the server, which a planned change brings with it. */
const ends: ReadonlySet<string | null> = new Set(['57P01', '57P02', '57P03'])

/** An error that nobody has seen before the change is the change's, until somebody shows otherwise. */
export default defineCheck({
  id: 'errors/new-after-change',
  on: ['postgres'],
  severity: 'error',
  needs: [],
  needsCluster: ['logs'],
  limits: {
    withinMs: { default: 1_800_000, unit: 'ms', why: 'what a change breaks is used within half an hour' },
    count: { default: 3, unit: 'count', why: 'one or two are somebody at a prompt' },
    perMinute: { default: 30, unit: 'count', why: 'one every two seconds is a program, and it does not stop' },
    plannedStopMs: plannedStopLimit,
  },
  question: 'Do the logs show errors that were not there before the last change?',
  seeds: [0, 2, 3],
  *run({ cluster, changes, limits, atMs }) {
    const { entries: all } = cluster.logs
    const fresh = all.flatMap((entry) => {
      if (!failures.has(entry.severity) || ends.has(entry.code) || isOwnSession(entry)) return []
      if (isOfPlannedStop(entry, all, limits.plannedStopMs)) return []
      const change = before(changes, entry.firstMs)
      return change && entry.firstMs - change.notBeforeMs <= limits.withinMs ? [{ ...entry, change }] : []
    })
    for (const entries of Map.groupBy(fresh, ({ node }) => node).values()) {
      const count = entries.reduce((sum, entry) => sum + entry.count, 0)
      const [most] = entries.toSorted((a, b) => b.count - a.count || a.firstMs - b.firstMs)
      if (count < limits.count || !most) continue
      const minutes = Math.max(1, (atMs - Math.min(...entries.map(({ firstMs }) => firstMs))) / 60_000)
      const perMinute = count / minutes
      yield {
        subject: subject.node(most.node),
        node: most.node,
        severity: perMinute >= limits.perMinute ? 'error' : 'warning',
        message: `${most.node} logs errors that were not there before ${most.change.object} changed: ${most.message}`,
        evidence: {
          sqlstate: most.code,
          message: most.message,
          usename: most.role,
          application_name: most.application,
          kinds: entries.length,
          count,
          per_minute: Math.round(perMinute * 10) / 10,
          first: new Date(most.firstMs).toISOString(),
          change: most.change.object,
          before: most.change.before,
          after: most.change.after,
        },
        remedy: `Look at the change of ${most.change.object} (${most.change.before ?? 'absent'} → ${most.change.after ?? 'absent'}). If it is what these errors name, take it back; else ask who released ${most.application ?? 'the application'} since.`,
      }
    }
  },
  unseen: ({ cluster }) => unreadLogs(cluster.logs),
})

/** The last change that can have come before this moment: it happened at some time since `notBeforeMs`. */
const before = (changes: readonly Change[], atMs: number): Change | undefined =>
  changes.findLast(({ notBeforeMs }) => notBeforeMs <= atMs)
