import { basename } from 'node:path'

/** What a file of a change is, by its name alone. */
export type FileKind = 'sql' | 'settings' | 'access-rules' | 'of-another-program'

/** `pg_hba.conf`, `10-pg_hba.conf`: access rules; any other `.conf`: settings of the server; what is plainly no SQL is not read as such. */
export function kindOfFile(name: string): FileKind {
  const file = basename(name)
  if (/\.(?:env|ini|ya?ml|json|php|properties|toml|xml|cnf|sh)$|^\.env/.test(file)) return 'of-another-program'
  if (!file.endsWith('.conf')) return 'sql'
  return file.includes('pg_hba') ? 'access-rules' : 'settings'
}
