import { subject } from '../../../../core/subject.ts'
import { child, list, text } from '../../../change/tree.ts'
import type { Placed } from '../../input.ts'
import { basisOf, fresh } from '../../nodes.ts'
import { flag } from '../../quantity.ts'
import { alteredRole, optionsOf } from '../../role-options.ts'
import { defineReviewRule } from '../../rule.ts'

interface Withdrawn {
  readonly role: string | null
  readonly database: string | null
  readonly words: string
}

/** Pools hide it: open sessions go on, and the outage begins when the next one is opened. */
export default defineReviewRule({
  id: 'access/login-withdrawn',
  consequence: 'connection/credentials',
  severity: 'warning',
  question: 'Can every role that is in use still open a session?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { role, database, words } of withdrawnBy(statement, input.today)) {
        const users = (input.topology?.logins ?? [])
          .filter((login) => (role === null ? login.database === database : login.role === role))
          .map(({ who }) => who)
        for (const node of statement.nodes)
          yield {
            object: role === null ? subject.database(node, database ?? '') : subject.role(node, role),
            nodes: [node],
            severity: users.length > 0 || role === null ? 'error' : 'warning',
            message: `${role === null ? `database ${database ?? ''}` : `role ${role}`} ${words}: new sessions are refused${users.length > 0 ? `, those of ${[...new Set(users)].join(', ')} among them` : ''}; open ones go on, so a pool hides it until it opens the next`,
            remedy: 'Move everybody who uses it to another login first; pg_stat_activity says who that is.',
            at: statement,
            basis: basisOf(input),
          }
      }
  },
})

function withdrawnBy(statement: Placed, today: string): readonly Withdrawn[] {
  const { tree } = statement
  const altered = alteredRole(statement)
  const ofRole = (words: string): readonly Withdrawn[] => [{ role: altered?.role ?? '', database: null, words }]
  for (const { name, value } of altered?.options ?? []) {
    if (name === 'canlogin' && value === 'false') return ofRole('may no longer log in (28000)')
    if (name === 'isreplication' && value === 'false') return ofRole('may no longer replicate (42501)')
    if (name === 'validUntil' && value !== null && Date.parse(value) < Date.parse(today))
      return ofRole('has a password that is past its day (28P01)')
  }
  const dropped = list(child(tree, 'DropRoleStmt'), 'roles').flatMap(
    (each) => text(child(each, 'RoleSpec'), 'rolename') ?? [],
  )
  if (dropped.length > 0) return dropped.map((role) => ({ role, database: null, words: 'is dropped (28000)' }))
  const rename = child(tree, 'RenameStmt')
  if (text(rename, 'renameType') === 'OBJECT_ROLE')
    return [
      { role: text(rename, 'subname'), database: null, words: `becomes ${text(rename, 'newname') ?? ''} (28000)` },
    ]
  const database = child(tree, 'AlterDatabaseStmt')
  const isShut =
    database !== null &&
    optionsOf(database).some(({ name, value }) => name === 'allow_connections' && flag(value ?? '') === false)
  if (isShut) return [{ role: null, database: text(database, 'dbname'), words: 'takes no connections (55000)' }]
  const grant = child(tree, 'GrantStmt')
  const isConnect = list(grant, 'privileges').some((each) => text(child(each, 'AccessPriv'), 'priv_name') === 'connect')
  if (grant === null || grant['is_grant'] === true || text(grant, 'objtype') !== 'OBJECT_DATABASE' || !isConnect)
    return []
  return list(grant, 'objects').map((each) => ({
    role: null,
    database: text(child(each, 'String'), 'sval'),
    words: 'may no longer be connected to (42501)',
  }))
}
