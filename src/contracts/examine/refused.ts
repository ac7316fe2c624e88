import type { LoginFacts } from '../../engines/postgres/logins/refused-login.ts'
import { identifier } from '../identifier.ts'

export interface RefusedLogin {
  readonly code: string | null
  readonly user: string
  readonly database: string
  /** The application's settings. */
  readonly source: string
  /** The node that was asked about it. */
  readonly node: string
}

/**
 * What to do about a login that was refused, by what the catalog of its node says: of a wrong password, an unknown role, one that
 * has ended and a verifier of another kind the client hears the same 28P01. Null where it explains nothing. Pure.
 */
export function remedyFor({ code, user, database, source, node }: RefusedLogin, facts: LoginFacts): string | null {
  const { role } = facts
  const name = identifier(user)
  const isPassword = code === '28P01'
  if ((isPassword || code === '28000') && role === null)
    return `There is no role ${user} on ${node}: create it, or correct the user in ${source}.`
  if (isPassword && role?.isExpired === true)
    return `The password of ${user} ended on ${role.validUntil ?? 'a day in the past'}: alter role ${name} valid until 'infinity';`
  if (code === '28000' && role?.canLogin === false) return `alter role ${name} login;`
  if (isPassword && role)
    return `${user} is on ${node}, may log in and has not ended: so the password in ${source} differs, or its verifier is of another kind than pg_hba.conf asks for (a superuser sees it: select left(rolpassword, 14) from pg_authid where rolname = '${user.replaceAll("'", "''")}'). Set it again: \\password ${name}`
  const known = facts.database
  if (code === '53300' && role && role.limit >= 0 && role.sessions >= role.limit)
    return `${user} has ${role.sessions} of its ${role.limit} sessions: alter role ${name} connection limit N; or see who holds them (pg_stat_activity by application_name).`
  if (code === '53300' && known && known.limit >= 0 && known.sessions >= known.limit)
    return `Database ${database} has ${known.sessions} of its ${known.limit} sessions: alter database ${identifier(database)} connection limit N; or see who holds them.`
  return null
}
