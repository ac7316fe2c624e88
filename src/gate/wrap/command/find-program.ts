import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { AntemortemError } from '../../../core/error.ts'

/** Where a shell would find it; refuses (exit 2) what is not there before anything was looked at. */
export function findProgram(name: string, cwd: string, path: string): string {
  const found = programOrNull(name, cwd, path)
  if (found !== null) return found
  throw new AntemortemError(
    'usage',
    `gate: there is no program ${name.slice(0, 80)}`,
    'Write the command as it is typed in a shell, behind --: antemortem gate -- npm run migrate',
    { exit: 2 },
  )
}

/** null: it is not installed. */
export function programOrNull(name: string, cwd: string, path: string): string | null {
  const places = name.includes('/')
    ? [resolve(cwd, name)]
    : path.split(delimiter).map((folder) => join(resolve(cwd, folder), name))
  return places.find(isProgram) ?? null
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}
