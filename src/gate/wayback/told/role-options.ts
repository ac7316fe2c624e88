import { literal } from '../../../engines/postgres/rows/sql.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { roleNames } from './named-in-sql.ts'

const flag = (column: string, word: string): string => `case when ${column} then '${word}' else 'no${word}' end`

/** By the parser's name of an option: how it was, as SQL over `pg_roles`. A password is never read, and stays. */
const options: Readonly<Record<string, string>> = {
  superuser: flag('rolsuper', 'superuser'),
  createrole: flag('rolcreaterole', 'createrole'),
  createdb: flag('rolcreatedb', 'createdb'),
  inherit: flag('rolinherit', 'inherit'),
  canlogin: flag('rolcanlogin', 'login'),
  isreplication: flag('rolreplication', 'replication'),
  bypassrls: flag('rolbypassrls', 'bypassrls'),
  connectionlimit: `format('connection limit %s', rolconnlimit)`,
  validUntil: `format('valid until %L', coalesce(rolvaliduntil, 'infinity'))`,
}

/** ALTER ROLE … with options: these options as they were. */
export function roleOptionsBefore(statement: TreeNode): string | null {
  const role = statement['role']
  const names = roleNames([role])
  const set = list(statement, 'options').map((option) => options[text(child(option, 'DefElem'), 'defname') ?? ''])
  if (names === null || set.length === 0 || set.includes(undefined)) return null
  return `select format('alter role %I ', rolname) || concat_ws(' ', ${set.join(', ')}) as words
    from pg_roles where rolname = ${literal(names[0] ?? '')}`
}
