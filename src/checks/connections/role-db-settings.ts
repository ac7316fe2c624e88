import { defineCheck } from '../../core/check.ts'
import type { RoleSettingFact } from '../../core/facts/postgres/access.ts'
import { differs, goodOf } from '../../core/known-good.ts'
import { isMasked, settingText, sqlName } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** With these a new session works otherwise, or not at all. */
const breaking = new Set([
  'default_transaction_isolation',
  'default_transaction_read_only',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'lock_timeout',
  'role',
  'search_path',
  'session_preload_libraries',
  'session_replication_role',
  'statement_timeout',
  'transaction_timeout',
])

/** What `alter role … set` left behind: no node's own settings show it, and only one role's new sessions feel it. */
export default defineCheck({
  id: 'connections/role-db-settings',
  on: ['postgres'],
  severity: 'warning',
  needs: ['roleSettings'],
  wantsCluster: ['lastGood'],
  question: 'Does any role or database begin its sessions with other settings than when all was last known good?',
  seeds: [2],
  *run({ nodes, wanted }) {
    for (const node of nodes) {
      // A physical standby has its primary's rows.
      if (node.role === 'standby' && nodes.some(({ name }) => name === node.upstream)) continue
      const good = goodOf(wanted.lastGood, node.name)?.roleSettings
      if (!good) continue
      const before = new Map(good.map((row) => [keyOf(row), row]))
      const now = new Map(node.roleSettings.map((row) => [keyOf(row), row]))
      for (const [key, row] of new Map([...before, ...now])) {
        const old = before.get(key)?.value ?? null
        const value = now.get(key)?.value ?? null
        if (old === value || (old !== null && value !== null && !differs(old, value))) continue
        yield {
          subject: subject.roleSetting(node.name, row.role, row.database, row.name),
          node: node.name,
          severity: breaking.has(row.name) ? 'error' : 'warning',
          message: `new sessions of ${whose(row)} on ${node.name} begin with ${row.name} ${value === null ? 'no longer set' : `= ${value}`}, which was ${old ?? 'not set'}`,
          evidence: { setrole: row.role, setdatabase: row.database, name: row.name, old, new: value },
          remedy: `On ${node.name}: ${undo(row, old)} then restart the pools that took the new value. If it was meant: antemortem accept`,
        }
      }
    }
  },
})

const keyOf = ({ role, database, name }: RoleSettingFact): string => JSON.stringify([role, database, name])

const whose = ({ role, database }: RoleSettingFact): string =>
  `${role === null ? 'every role' : `role ${role}`}${database === null ? '' : ` in database ${database}`}`

function undo({ role, database, name }: RoleSettingFact, old: string | null): string {
  const target =
    role === null && database !== null
      ? `alter database ${sqlName(database)}`
      : `alter role ${role === null ? 'all' : sqlName(role)}${database === null ? '' : ` in database ${sqlName(database)}`}`
  if (old === null) return `${target} reset ${name};`
  return isMasked(old)
    ? `${target} set ${name} = … (the old value is masked here);`
    : `${target} set ${name} = ${settingText(name, old)};`
}
