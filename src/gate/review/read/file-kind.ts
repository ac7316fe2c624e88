export type FileKind = 'sql' | 'settings' | 'access-rules' | 'application' | 'pooler'

/** What a file is, by its name; what nobody knows is taken for SQL. */
export function kindOf(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  if (name.endsWith('.sql')) return 'sql'
  if (/^pg_hba.*\.conf$/.test(name) || isPiece(path)) return 'access-rules'
  if (name === 'pgbouncer.ini') return 'pooler'
  if (/^\.env(\..+)?$|\.env$/.test(name)) return 'application'
  return name.endsWith('.conf') ? 'settings' : 'sql'
}

/** A file of a folder that a pg_hba.conf includes: `pg_hba.d/10-app.conf`. */
export const isPiece = (path: string): boolean => /(^|\/)[^/]*hba[^/]*\.d\/[^/]+\.conf$/i.test(path)
