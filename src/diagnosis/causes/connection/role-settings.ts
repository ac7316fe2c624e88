import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { ContractFact } from '../../../core/facts/cluster.ts'
import type { RoleSettingFact } from '../../../core/facts/postgres/access.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { goodNode, goodSetting } from '../../last-good.ts'
import { clientHarm, logEffects, type IsSuch } from '../../log-errors.ts'
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
 * fails, and only in new sessions. Where the server gives it to all, they all do.
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
      for (const row of [...(factOf(owner, 'roleSettings') ?? []).map(ofRole), ...ofServer(c, owner)])
        if (isMeant(c, owner, row)) yield* matchOf(c, owner, row)
    }
  },
}
export default cause

interface Given extends RoleSettingFact {
  /** Not by `alter role` or `alter database`, but by the server's own settings. */
  readonly isServers: boolean
}

const ofRole = (row: RoleSettingFact): Given => ({ ...row, isServers: false })

/** What forbids writing to all, unless a role or a database says otherwise: what the reading role is given is only its own. */
function ofServer(c: Case, owner: NodeView): readonly Given[] {
  const name = 'default_transaction_read_only'
  const value = factOf(owner, 'settings')?.[name]
  const rows = factOf(owner, 'roleSettings')
  const reader = factOf(owner, 'privileges')?.role
  if (value !== 'on' || !rows || reader === undefined) return []
  const logins = loginsOf(c)
  const isOver = rows.some(
    (row) => row.name === name && (row.role === null || row.role === reader || logins.includes(row.role)),
  )
  return isOver ? [] : [{ role: null, database: null, name, value, isServers: true }]
}

const loginsOf = (c: Case): readonly string[] =>
  contractsOf(c).flatMap((result) => (result.role === null ? [] : [result.role]))

const isMeant = (c: Case, owner: NodeView, { role, database, name, value }: RoleSettingFact): boolean => {
  const logins = loginsOf(c)
  const own = factOf(owner, 'server')?.database
  if (codesOf[name] === undefined || (name.endsWith('_read_only') && !/^(?:on|true|yes|1)$/i.test(value))) return false
  if (name.endsWith('_timeout') && /^0\D*$/.test(value)) return false
  return (role === null || logins.length === 0 || logins.includes(role)) && (database === null || database === own)
}

function* matchOf(c: Case, owner: NodeView, row: Given): Iterable<Match> {
  const fits = (code: string): boolean => codesOf[row.name]?.test(code) ?? false
  const what = subject.roleSetting(owner.name, row.role, row.database, row.name)
  const objects = [what]
  const before = beforeOf(c, owner, row)
  const news = newsOf(c, objects, () => true)
  const isNew = c.lastGoodMs !== null && (news.length > 0 || (before !== undefined && before !== row.value))
  const isSuch = (result: ContractFact): boolean =>
    fits(result.code ?? '') && !/it is a standby/.test(result.message ?? '') && isOf(result, row)
  // A standby that gives such a code may do so because it is one.
  const nodes = [
    owner,
    ...c.snapshot.nodes.filter(({ role, upstream }) => !row.isServers && role === 'standby' && upstream === owner.name),
  ]
  const harmed = nodes.flatMap(({ name }) => {
    // A statement that waits for a lock is ended by any timeout.
    const mayWait = /^(?:statement|lock|transaction)_timeout$/.test(row.name) && isBlocked(c, name)
    const refusals = refusalsOn(c, name, { isSuch, fits, news })
    const forbidden = name === owner.name ? clientHarm(c, name, isForbidden(c, row)) : []
    const harm = [...refusals.harm, ...forbidden]
    return harm.length === 0 ? [] : [{ name, ...refusals, harm, forbidden, mayWait }]
  })
  if (harmed.length === 0 && !isNew) return
  const isClear = harmed.some(
    ({ results, mayBeOwn, mayWait, forbidden }) =>
      (results.length > 0 || forbidden.length > 0) && !mayBeOwn && !mayWait,
  )
  const read = readWords(owner, row, before ?? null)
  yield {
    subject: what,
    direct: isClear ? [read] : [],
    indirect: [read],
    harm: harmed.flatMap(({ harm }) => harm),
    isNew,
    explains: [
      ...harmed.flatMap(({ name }) => [
        ...contractEffects(c, name, isSuch),
        ...outcomeEffects(c, name, fits),
        ...['connections/role-db-settings', 'connections/parameter-drift'].flatMap((check) =>
          findingsOf(c, check, name),
        ),
      ]),
      ...logEffects(c, owner.name, isForbidden(c, row)),
      ...(row.isServers ? findingsOf(c, 'availability/no-writable-primary', owner.name) : []),
    ],
    objects,
    ...(!isClear && {
      missing: `the contract's own query as this role on ${owner.name}: does it get the code of ${row.name}?`,
    }),
    remedy: row.isServers
      ? {
          words: `Ask who forbade writing on ${owner.name}, and why: a full disk, a fence. Then take ${row.name} back where it stands; open sessions take the new value at once, unless they have set one.`,
          commands: [
            `on ${owner.name}: select setting, sourcefile, sourceline from pg_file_settings where name = '${row.name}';`,
            `on ${owner.name}: alter system reset ${row.name}; select pg_reload_conf();`,
          ],
        }
      : {
          words: `Take the setting back; only new sessions feel it, so let the pools reconnect afterwards.`,
          commands: [`on ${owner.name}: ${resetOf(row, before ?? null)}`],
        },
  }
}

/** Its value when all was good: null where there was none, undefined where that is not known. */
function beforeOf(c: Case, owner: NodeView, row: Given): string | null | undefined {
  if (row.isServers) return goodSetting(c, owner.name, row.name) ?? undefined
  const good = goodNode(c, owner.name)?.roleSettings
  if (!good) return undefined
  const same = good.find(
    ({ role, database, name }) => role === row.role && database === row.database && name === row.name,
  )
  return same?.value ?? null
}

/** The server's own word that it refused a write of such a session: it is the primary, so that nothing but a setting forbids it. */
const isForbidden =
  (c: Case, row: Given): IsSuch =>
  ({ role, database, code }) => {
    const logins = loginsOf(c)
    return (
      row.name.endsWith('_read_only') &&
      code === '25006' &&
      role !== null &&
      (row.role === null ? logins.length === 0 || logins.includes(role) : row.role === role) &&
      (row.database === null || row.database === database)
    )
  }

function readWords(owner: NodeView, row: Given, before: string | null): Evidence {
  const whose = row.isServers
    ? 'every session '
    : `${row.role === null ? '' : `role ${row.role} `}${row.database === null ? '' : `in database ${row.database} `}`
  return {
    words: `${whose}begins with ${row.name} = ${row.value} on ${owner.name}${before === null ? '' : `; it was ${before}`}`,
    node: owner.name,
    source: row.isServers ? 'pg_settings' : 'pg_db_role_setting',
    values: { name: row.name, value: row.value, before },
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
