export type FileKind = 'sql' | 'settings' | 'access-rules' | 'application' | 'pooler'

/** What a file is, by its name; what nobody knows is taken for SQL. */
export function kindOf(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  if (name.endsWith('.sql')) return 'sql'
  if (/^pg_hba.*\.conf$/.test(name)) return 'access-rules'
  if (name === 'pgbouncer.ini') return 'pooler'
  if (/^\.env(\..+)?$|\.env$/.test(name)) return 'application'
  return name.endsWith('.conf') ? 'settings' : 'sql'
}
