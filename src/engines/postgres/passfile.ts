import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Address } from './address.ts'

const fieldsOf = (line: string): string[] => {
  const fields = ['']
  for (const [part] of line.matchAll(/\\.|[^\\]/gs)) {
    if (part === ':') fields.push('')
    else fields[fields.length - 1] += part.length === 2 ? part.slice(1) : part
  }
  return fields
}

/** The first line of a password file that fits: `host:port:database:user:password`, with `*` for anything. */
export function passwordIn(text: string, address: Pick<Address, 'host' | 'port' | 'database' | 'user'>): string | null {
  const host = address.host.startsWith('/') ? 'localhost' : address.host
  const wanted = [host, String(address.port), address.database, address.user]
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue
    const fields = fieldsOf(line)
    const password = fields[4]
    if (password !== undefined && wanted.every((value, i) => fields[i] === '*' || fields[i] === value)) return password
  }
  return null
}

/**
 * The password for an address from ~/.pgpass, read anew each time because people rotate it. pg's own reading of the file
 * prints a deprecation warning into the user's terminal.
 */
export async function passwordFor(address: Address): Promise<string | null> {
  if (address.password !== null) return address.password
  const file = address.passFile ?? join(homedir(), '.pgpass')
  try {
    // libpq ignores a file that others may read; so a leaked file never becomes a habit.
    if (((await stat(file)).mode & 0o077) !== 0) return null
    return passwordIn(await readFile(file, 'utf8'), address)
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')) return null
    throw error
  }
}
