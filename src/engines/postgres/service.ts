import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { AntemortemError } from '../../core/error.ts'
import { readServiceFile } from './service-file.ts'

/** The places where libpq looks for a service, in its order. */
const files = (env: NodeJS.ProcessEnv): string[] => [
  env['PGSERVICEFILE'] ?? join(homedir(), '.pg_service.conf'),
  join(env['PGSYSCONFDIR'] ?? '/etc/postgresql-common', 'pg_service.conf'),
]

const readIfThere = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    // A missing file is the usual case; one that may not be read says so.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw new AntemortemError('service-file-unreadable', `cannot read ${file}`, 'give its owner read access', {
      cause: error,
      exit: 2,
    })
  }
}

/** The fields of `service=NAME` from pg_service.conf. */
export function readService(name: string, env: NodeJS.ProcessEnv): Map<string, string> {
  const places = files(env)
  for (const file of places) {
    const lines = readServiceFile(readIfThere(file)).filter(({ service }) => service === name)
    if (lines.length > 0) return new Map(lines.map(({ keyword, value }) => [keyword, value]))
  }
  throw new AntemortemError('service-unknown', `there is no service "${name}"`, `looked in ${places.join(' and ')}`, {
    exit: 2,
  })
}
