import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOfError } from '../reading.ts'

const suffix = process.platform === 'darwin' ? '.dylib' : '.so'

/** `a, "b", $libdir/c` as a list. */
export const namesIn = (value: string): readonly string[] =>
  [...value.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)]
    .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
    .filter((name) => name !== '')

/** Of these libraries, those that are not where the server looks for them (manual, `dynamic_library_path`). */
export async function missingLibraries(
  preloaded: readonly string[],
  searchPath: string,
  packageDir: string,
): Promise<readonly string[]> {
  const folder = (path: string): string => path.replace(/^\$libdir(?=$|\/)/, packageDir)
  const folders = searchPath
    .split(':')
    .filter((each) => each !== '')
    .map(folder)
  const missing: string[] = []
  for (const name of preloaded) {
    const places = name.includes('/') ? [folder(name)] : folders.map((each) => join(each, name))
    // The server tries the name as it is, and then with the suffix.
    const isThere = await anyOf(places.flatMap((place) => [place, `${place}${suffix}`]))
    if (!isThere) missing.push(name)
  }
  return missing
}

/** `$libdir` of a server program: known by a library that every server has. Null where it is not found. */
export async function packageDirOf(program: string): Promise<string | null> {
  const bin = dirname(program)
  for (const folder of ['lib/postgresql', 'lib', 'lib64/pgsql', 'lib/pgsql', 'lib64'])
    if (await anyOf([join(bin, '..', folder, `plpgsql${suffix}`)])) return join(bin, '..', folder)
  // Only the one beside it: another version's would name another folder.
  const told = await output(join(bin, 'pg_config'), ['--pkglibdir'])
  return told !== null && (await anyOf([told])) ? told : null
}

async function anyOf(paths: readonly string[]): Promise<boolean> {
  for (const path of paths)
    try {
      await access(path)
      return true
    } catch (error) {
      if (codeOfError(error) === null) throw error
    }
  return false
}

const output = async (program: string, args: readonly string[]): Promise<string | null> =>
  new Promise((resolve) => {
    execFile(program, [...args], { timeout: 2000, env: {} }, (error, stdout) => resolve(error ? null : stdout.trim()))
  })
