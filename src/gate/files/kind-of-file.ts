import { basename } from 'node:path'

/** What a file of a change is, by its name alone. */
export type FileKind = 'sql' | 'settings' | 'access-rules'

/** `pg_hba.conf`, `10-pg_hba.conf`: access rules; any other `.conf`: settings of the server; all else is SQL. */
export function kindOfFile(name: string): FileKind {
  const file = basename(name)
  if (!file.endsWith('.conf')) return 'sql'
  return file.includes('pg_hba') ? 'access-rules' : 'settings'
}
