import type { DdlSource } from '../source.ts'

/** Kept as a list that is quoted already: quoted once more it would be one long name. */
const lists = [
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]

const spelt = `case when s.name in (${lists.map((name) => `'${name}'`).join(', ')}) then s.value else quote_literal(s.value) end`

/** What a new session of a role, or of the database, begins with. Settings for other databases are left out. */
export const sessionDefaults: DdlSource = {
  rank: 110,
  sql: `select 'pg_db_role_setting/' || o.setrole || '-' || o.setdatabase,
      'settings of ' || ${who('role %I', 'all roles', 'database %I')},
      array(select format('alter %s set %I = %s', ${who('role %I in database %I', 'role all', 'database %I')}, s.name, ${spelt})
        from (select split_part(word, '=', 1), substr(word, strpos(word, '=') + 1) from unnest(o.setconfig) word) s(name, value))
    from pg_db_role_setting o left join pg_roles r on r.oid = o.setrole
    where o.setdatabase in (0, (select oid from pg_database where datname = current_database()))`,
}

function who(role: string, everybody: string, database: string): string {
  const inDatabase = role.includes(' in database ')
  const ofRole = inDatabase
    ? `case when o.setdatabase = 0 then format('role %I', r.rolname) else format('${role}', r.rolname, current_database()) end`
    : `format('${role}', r.rolname)`
  return `case when o.setrole <> 0 then ${ofRole} when o.setdatabase = 0 then '${everybody}' else format('${database}', current_database()) end`
}
