import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { ContractFact } from '../../../core/facts/cluster.ts'
import type { RoleSettingFact } from '../../../core/facts/postgres/access.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { goodNode } from '../../last-good.ts'
import { contractsOf, factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { refusalsOn } from '../../refusals.ts'
import { isBlocked } from '../../waiting.ts'

/** Codes that a session gets from a setting that it begins with. */
const codesOf: Readonly<Record<string, RegExp>> = {
  default_transaction_read_only: /^25006$/,
  transaction_read_only: /^25006$/,
  statement_timeout: /^57014$/,
  transaction_timeout: /^(?:25P04|57014)$/,
  lock_timeout: /^55P03$/,
  idle_in_transaction_session_timeout: /^25P03$/,
  idle_session_timeout: /^57P05$/,
  search_path: /^(?:42P01|42883|42704|3F000)$/,
  role: /^42501$/,
  row_security: /^42501$/,
}

/**
 * A setting that a role or database gives its new sessions breaks their work. Every check of the node stays green: only that role
 * fails, and only in new sessions.
 */
const cause: Cause = {
  id: 'connection/role-settings',
  taxonomy: 'connection-parameters-changed',
  title: 'settings of a role or database break its work',
  follows: [],
  *recognise(c) {
    for (const owner of c.snapshot.nodes) {
      // A standby's rows are its primary's.
      if (factOf(owner, 'server')?.inRecovery === true) continue
      for (const row of factOf(owner, 'roleSettings') ?? []) if (isMeant(c, owner, row)) yield* matchOf(c, owner, row)
    }
  },
}
export default cause

const isMeant = (c: Case, owner: NodeView, { role, database, name, value }: RoleSettingFact): boolean => {
  const logins = contractsOf(c).flatMap((result) => (result.role === null ? [] : [result.role]))
  const own = factOf(owner, 'server')?.database
  if (codesOf[name] === undefined || (name.endsWith('_read_only') && !/^(?:on|true|yes|1)$/i.test(value))) return false
  if (name.endsWith('_timeout') && /^0\D*$/.test(value)) return false
  return (role === null || logins.length === 0 || logins.includes(role)) && (database === null || database === own)
}

function* matchOf(c: Case, owner: NodeView, row: RoleSettingFact): Iterable<Match> {
  const fits = (code: string): boolean => codesOf[row.name]?.test(code) ?? false
  const what = subject.roleSetting(owner.name, row.role, row.database, row.name)
  const objects = [what]
  const good = goodNode(c, owner.name)?.roleSettings
  const before = good?.find(
    ({ role, database, name }) => role === row.role && database === row.database && name === row.name,
  )
  const news = newsOf(c, objects, () => true)
  const isNew = c.lastGoodMs !== null && (news.length > 0 || (good != null && before?.value !== row.value))
  const isSuch = (result: ContractFact): boolean =>
    fits(result.code ?? '') && !/it is a standby/.test(result.message ?? '') && isOf(result, row)
  const nodes = [
    owner,
    ...c.snapshot.nodes.filter(({ role, upstream }) => role === 'standby' && upstream === owner.name),
  ]
  const harmed = nodes.flatMap(({ name }) => {
    // A statement that waits for a lock is ended by any timeout.
    const mayWait = /^(?:statement|lock|transaction)_timeout$/.test(row.name) && isBlocked(c, name)
    const refusals = refusalsOn(c, name, { isSuch, fits, news })
    return refusals.harm.length === 0 ? [] : [{ name, ...refusals, mayWait }]
  })
  if (harmed.length === 0 && !isNew) return
  const read: Evidence = {
    words: `${row.role === null ? '' : `role ${row.role} `}${row.database === null ? '' : `in database ${row.database} `}begins with ${row.name} = ${row.value} on ${owner.name}${before ? `; it was ${before.value}` : ''}`,
    node: owner.name,
    source: 'pg_db_role_setting',
    values: { name: row.name, value: row.value, before: before?.value ?? null },
  }
  const isClear = harmed.some(({ results, mayBeOwn, mayWait }) => results.length > 0 && !mayBeOwn && !mayWait)
  yield {
    subject: what,
    direct: isClear ? [read] : [],
    indirect: [read],
    harm: harmed.flatMap(({ harm }) => harm),
    isNew,
    explains: harmed.flatMap(({ name }) => [
      ...contractEffects(c, name, isSuch),
      ...outcomeEffects(c, name, fits),
      ...['connections/role-db-settings', 'connections/parameter-drift'].flatMap((check) => findingsOf(c, check, name)),
    ]),
    objects,
    ...(!isClear && {
      missing: `the contract's own query as this role on ${owner.name}: does it get the code of ${row.name}?`,
    }),
    remedy: {
      words: `Take the setting back; only new sessions feel it, so let the pools reconnect afterwards.`,
      commands: [`on ${owner.name}: ${resetOf(row, before?.value ?? null)}`],
    },
  }
}

const isOf = (result: ContractFact, { role }: RoleSettingFact): boolean => role === null || result.role === role

function resetOf({ role, database, name }: RoleSettingFact, before: string | null): string {
  const whose = role === null ? (database === null ? 'role all' : `database ${database}`) : `role ${role}`
  const within = role !== null && database !== null ? ` in database ${database}` : ''
  return before === null
    ? `alter ${whose}${within} reset ${name};`
    : `alter ${whose}${within} set ${name} = ${name === 'search_path' ? before : `'${before}'`};`
}
