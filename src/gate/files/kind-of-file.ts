import { basename } from 'node:path'
import { formatOf, isSettingsFile } from '../../contracts/formats/formats.ts'

/** What a file of a change is. `application` and `pooler`: their own settings files; `other`: plainly no SQL, and nothing we know. */
export type FileKind = 'sql' | 'settings' | 'access-rules' | 'application' | 'pooler' | 'other'

/** By its name alone. `pg_hba.conf`, `10-pg_hba.conf`: access rules; any other `.conf`: settings of the server; the rest is SQL. */
export function kindOfFile(path: string): FileKind {
  const name = basename(path).toLowerCase()
  if (name.endsWith('.sql')) return 'sql'
  if (isSettingsFile(name)) return formatOf(name).name === 'pgbouncer.ini' ? 'pooler' : 'application'
  if (name.endsWith('.conf')) return name.includes('pg_hba') || isPiece(path) ? 'access-rules' : 'settings'
  return /\.(?:ya?ml|php|toml|xml|cnf|sh)$/.test(name) ? 'other' : 'sql'
}

/** A file of a folder that a pg_hba.conf includes: `pg_hba.d/10-app.conf`. */
export const isPiece = (path: string): boolean => /(^|\/)[^/]*hba[^/]*\.d\/[^/]+\.conf$/i.test(path)
