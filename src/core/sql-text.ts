/** SQL for people to type: names and values quoted, so that a copied line does what it says. */

export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const sqlLiteral = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** Settings that are lists of names: quoted as a whole, `a, b` would be one name with a comma in it. */
const lists = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

/** What stands behind `set NAME =`. */
export const settingText = (name: string, value: string): string =>
  lists.has(name) && value.trim() !== ''
    ? value
        .split(',')
        .map((item) => sqlLiteral(item.trim().replace(/^"(.*)"$/, '$1')))
        .join(', ')
    : sqlLiteral(value)

/** A secret was taken out of it: it can be neither typed nor compared with one that another process has masked. */
export const isMasked = (value: string): boolean => value.includes('***')

/** The order that puts a setting of the whole server back; `pg_settings` has its value in the unit that a bare number means. */
export const alterSystem = (name: string, value: string): string =>
  isMasked(value)
    ? `set ${name} back by hand (its value is masked here), then: select pg_reload_conf();`
    : `alter system set ${name} = ${settingText(name, value)}; select pg_reload_conf();`
