import { execFile } from 'node:child_process'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AntemortemError } from '../../core/error.ts'
import { byRun, decoded, isChange, readBytes } from './review-files.ts'
import { isTakenSettings, meantAmong } from './taken-settings.ts'

const run = promisify(execFile)
const limits = { maxBuffer: 16 * 1024 * 1024, timeout: 20_000, encoding: 'buffer' as const }

/** A file that the branch has added or altered, with the text that it had before; null: it is new. */
export interface SinceFile {
  readonly path: string
  readonly before: string | null
  /** `contract`: settings that the configuration names; `settings`: an application's own, by its name alone; else a change. */
  readonly taken: 'change' | 'contract' | 'settings'
}

/**
 * What the working tree adds to the point where it left `ref`: only migrations and settings, in the order of their runs.
 * `contracts`: settings files that the configuration names, absolute.
 */
export async function changedSince(
  ref: string,
  cwd: string,
  paths: readonly string[],
  contracts: readonly string[] = [],
): Promise<readonly SinceFile[]> {
  const base = (await git(cwd, ['merge-base', '--end-of-options', ref, 'HEAD'])).trim()
  // Paths are told from the folder in which the command runs.
  const changed = await git(cwd, [
    'diff',
    '--relative',
    '--name-status',
    '-z',
    '--no-renames',
    '--diff-filter=AM',
    base,
    '--',
    ...paths,
  ])
  const untracked = await git(cwd, ['ls-files', '--others', '--exclude-standard', '-z', '--', ...paths])
  const among = meantAmong(contracts)
  const isNamed = (path: string): boolean => among(path).length > 0
  const words = changed.split('\0')
  const files: SinceFile[] = []
  for (let n = 0; n + 1 < words.length; n += 2) {
    const [status = '', path = ''] = [words[n], words[n + 1]]
    const taken = takenAs(path, cwd, isNamed)
    if (taken !== null)
      files.push({
        path: join(cwd, path),
        before: status === 'A' ? null : readable(path, await gitBytes(cwd, ['show', `${base}:./${path}`])),
        taken,
      })
  }
  for (const path of untracked.split('\0')) {
    const taken = takenAs(path, cwd, isNamed)
    if (taken !== null) files.push({ path: join(cwd, path), before: null, taken })
  }
  return files.sort((a, b) => byRun(a.path, b.path))
}

/** null: it is no part of the change that a database would see. */
function takenAs(path: string, cwd: string, isNamed: (path: string) => boolean): SinceFile['taken'] | null {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name === '') return null
  const whole = join(cwd, path)
  if (isNamed(whole)) return 'contract'
  if (isTakenSettings(path)) return isSettingsText(whole) ? 'settings' : null
  return isChange(name) && !name.endsWith('.ini') ? 'change' : null
}

/** What a link leads to is no part of the branch; and any Java program has properties of which none is of a database. */
const isSettingsText = (path: string): boolean =>
  lstatSync(path).isFile() && (!path.endsWith('.properties') || readBytes(path).includes('jdbc:'))

/** What could not be read before is new now that it can. */
function readable(path: string, bytes: Uint8Array): string | null {
  try {
    return decoded(path, bytes)
  } catch (error) {
    if (error instanceof AntemortemError) return null
    throw error
  }
}

async function git(cwd: string, args: readonly string[]): Promise<string> {
  return (await gitBytes(cwd, args)).toString('utf8')
}

async function gitBytes(cwd: string, args: readonly string[]): Promise<Buffer> {
  try {
    const { stdout } = await run('git', [...args], { cwd, ...limits })
    return stdout
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const said = 'stderr' in error ? String(error.stderr).trim().split('\n')[0] : ''
    throw new AntemortemError(
      'since',
      `--since: git ${args[0] ?? ''}: ${said || error.message}`,
      'Name a commit or branch that this clone has; in CI fetch the whole history.',
      { exit: 2, cause: error },
    )
  }
}
