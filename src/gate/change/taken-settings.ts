import { realpathSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { isSettingsFile } from '../../contracts/formats/formats.ts'

/** Formats whose ending says nothing of them: any program has such files. */
const ownNames = /^(?:appsettings.*\.json|pgbouncer.*\.ini)$/
/** Words of a name that say: a pattern to copy, or the settings of a place where nobody's rows are. */
const notProduction = new Set(
  'example examples sample samples template templates tmpl tpl dist default defaults dev development local test tests testing ci e2e'.split(
    ' ',
  ),
)
/** Folders of others' code, and of what tests and guides use. */
const elsewhere =
  /(?:^|\/)(?:node_modules|vendor|examples?|samples?|templates?|fixtures?|testdata|tests?|__tests__|spec|e2e|docs?)\//i

/** By its path: are these an application's settings that nobody has to name? What only shows how such a file looks is none. */
export function isTakenSettings(path: string): boolean {
  const name = basename(path).toLowerCase()
  if (name === '' || !isSettingsFile(name) || elsewhere.test(`${dirname(path)}/`)) return false
  if (/\.(?:json|ini)$/.test(name) && !ownNames.test(name)) return false
  return !name.split(/[._-]/).some((word) => notProduction.has(word))
}

/** Is a file one of these, by whatever way it is reached? */
export function isOneOf(files: readonly string[]): (path: string) => boolean {
  const real = new Set(files.flatMap((file) => realPath(file) ?? []))
  return (path) => real.size > 0 && real.has(realPath(path) ?? '')
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    // It is not there, or behind a folder that is closed to us.
    return null
  }
}
