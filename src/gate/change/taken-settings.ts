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

/** Which of these files a path means, by whatever way it is reached. */
export function meantAmong(files: readonly string[]): (path: string) => readonly string[] {
  const known = [...new Set(files)].flatMap((file) => {
    const real = realPath(file)
    return real === null ? [] : [{ file, real }]
  })
  return (path) => {
    const meant = known.length === 0 ? null : realPath(path)
    return known.flatMap(({ file, real }) => (real === meant ? [file] : []))
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    // It is not there, or behind a folder that is closed to us.
    return null
  }
}
