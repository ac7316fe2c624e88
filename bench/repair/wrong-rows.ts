import { authBlueprint } from '../../src/lab/auth.ts'
import type { Blueprint } from '../../src/lab/blueprint.ts'
import type { Lab } from '../../src/lab/lab.ts'

const users = 10_000

export const usersBlueprint = (): Blueprint => authBlueprint({ users })

/** A thousand users of the subscriber: eight hundred with another password, a hundred gone, a hundred that nobody has. */
export const wrongRows = 1_000

const spoil = `set session_replication_role = replica;
  update users set password_hash = 'wrong', last_login = null where id % 10 = 0 and id <= 8000;
  delete from users where id % 10 = 5 and id <= 1000;
  insert into users select n, 'stranger' || n, 'x' from generate_series(${users + 1}, ${users + 100}) n`

export const spoilUsers = async (lab: Lab): Promise<unknown> => lab.rows('reports', spoil)

const digest = `select count(*)::int as n, sum(hashtextextended(t::text, 0)) as hash from users t`

/** Asked of the servers themselves, whatever the repair said of its own work. */
export async function areUsersEqual(lab: Lab): Promise<boolean> {
  const [primary, reports] = await Promise.all(['primary', 'reports'].map(async (node) => lab.rows(node, digest)))
  return JSON.stringify(primary) === JSON.stringify(reports)
}
