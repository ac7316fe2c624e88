import { defineCheck } from '../../core/check.ts'
import type { DatabaseFact } from '../../core/facts/postgres/activity.ts'
import { growthOf } from '../../core/growth.ts'
import { subject } from '../../core/subject.ts'

type Kind = keyof DatabaseFact['conflicts']

/** Each kind with its column of `pg_stat_database_conflicts` and what ends it. */
const kinds: Readonly<Record<Kind, readonly [column: string, remedy: string]>> = {
  snapshot: [
    'confl_snapshot',
    'vacuum on the primary removes rows that queries here still see: alter system set hot_standby_feedback = on; select pg_reload_conf();',
  ],
  lock: [
    'confl_lock',
    'DDL, or vacuum that shortens a table, locks what queries here read: run DDL when nobody reports, and on the primary alter table NAME set (vacuum_truncate = off);',
  ],
  bufferPin: [
    'confl_bufferpin',
    'replay waits for a page that a query here holds: let queries that keep a cursor open end sooner, or raise max_standby_streaming_delay.',
  ],
  deadlock: ['confl_deadlock', 'queries here and replay wait for each other: shorten the transactions that read here.'],
  tablespace: ['confl_tablespace', 'a tablespace was dropped on the primary while queries here used it for sorting.'],
  logicalSlot: [
    'confl_active_logicalslot',
    'a logical slot of this standby was cut off: set hot_standby_feedback = on here and wal_level = logical on the primary.',
  ],
}
const order: readonly Kind[] = ['snapshot', 'lock', 'bufferPin', 'deadlock', 'tablespace', 'logicalSlot']

const totalOf = ({ conflicts }: DatabaseFact): number => order.reduce((sum, kind) => sum + conflicts[kind], 0)

/** Replay cancels queries that stand in its way: each one is an error that somebody got. */
export default defineCheck({
  id: 'replication/standby-conflicts',
  on: ['postgres'],
  severity: 'warning',
  needs: ['databases', 'server'],
  wants: ['settings', 'activity'],
  limits: {
    cancels: { default: 3, unit: 'count', why: 'one cancelled query happens on every standby that is read' },
    errorPerSecond: { default: 1, unit: 'count', why: 'then reading there fails as a rule, not by chance' },
    overMs: { default: 10_000, unit: 'ms', why: 'a rate over less than this is one burst' },
  },
  question: 'Does replay cancel queries on a standby?',
  seeds: [1],
  *run({ nodes, limits, atMs }) {
    for (const node of nodes) {
      if (!node.server.inRecovery) continue
      const past = node.earlier.filter(({ server }) => server.startedMs === node.server.startedMs)
      for (const now of node.databases) {
        const before = past.flatMap(({ databases }) => databases.filter(({ name }) => name === now.name))
        const grown = growthOf(before.map(totalOf), totalOf(now)) ?? 0
        if (grown < 1) continue
        const growth = (kind: Kind): number =>
          growthOf(
            before.map(({ conflicts }) => conflicts[kind]),
            now.conflicts[kind],
          ) ?? 0
        const most = order.reduce((top, kind) => (growth(kind) > growth(top) ? kind : top))
        const overMs = Math.max(limits.overMs, atMs - (past[0]?.atMs ?? atMs))
        const isRule = (grown * 1000) / overMs > limits.errorPerSecond
        const { settings = {}, activity } = node.wanted
        yield {
          subject: subject.database(node.name, now.name),
          node: node.name,
          severity: isRule ? 'error' : grown >= limits.cancels ? 'warning' : 'info',
          message: `replay on ${node.name} cancelled ${grown} ${grown === 1 ? 'query' : 'queries'} in ${now.name} within ${Math.round(overMs / 1000)} s, most of them for ${kinds[most][0]}`,
          evidence: {
            ...Object.fromEntries(order.map((kind) => [kinds[kind][0], growth(kind)])),
            over_ms: overMs,
            max_standby_streaming_delay: settings['max_standby_streaming_delay'] ?? null,
            hot_standby_feedback: settings['hot_standby_feedback'] ?? null,
            longest_transaction_ms: activity?.long[0]?.xactMs ?? null,
          },
          remedy: `On ${node.name}, ${kinds[most][1]} Long reports belong on a standby of their own.`,
        }
      }
    }
  },
})
