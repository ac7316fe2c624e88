import type { Case, Evidence } from '../core/diagnosis.ts'
import type { TouchedFact } from '../core/facts/cluster.ts'
import { contractsOf } from './look.ts'

/**
 * The contract's login reads the table on that node: what it gets there matters, whether it notices or not. One session may be
 * somebody's look, or a migration tool's at its own history: two, or scans beside it, are work.
 */
export function readersOf(c: Case, { readBy, schema, table, node }: TouchedFact): readonly Evidence[] {
  const logins = new Set(contractsOf(c).flatMap(({ role }) => (role === null ? [] : [role])))
  const roles = readBy.roles.filter((role) => logins.has(role))
  if (roles.length === 0 || (readBy.sessions < 2 && readBy.scans < 2)) return []
  return [
    {
      words: `the application's login ${roles.join(', ')} reads ${schema}.${table} on ${node}`,
      node,
      source: 'pg_stat_activity, pg_stat_user_tables',
      values: { roles: roles.join(', '), sessions: readBy.sessions, scans: readBy.scans },
    },
  ]
}
