import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AntemortemError } from '../../core/error.ts'
import { byRun, decoded, isChange } from './review-files.ts'

const run = promisify(execFile)
const limits = { maxBuffer: 16 * 1024 * 1024, timeout: 20_000, encoding: 'buffer' as const }

/** A file that the branch has added or altered, with the text that it had before; null: it is new. */
export interface SinceFile {
  readonly path: string
  readonly before: string | null
}

/** What the working tree adds to the point where it left `ref`: only migrations and settings, in the order of their runs. */
export async function changedSince(ref: string, cwd: string, paths: readonly string[]): Promise<readonly SinceFile[]> {
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
  const words = changed.split('\0')
  const files: SinceFile[] = []
  for (let n = 0; n + 1 < words.length; n += 2) {
    const [status = '', path = ''] = [words[n], words[n + 1]]
    if (isWanted(path))
      files.push({
        path: join(cwd, path),
        before: status === 'A' ? null : decoded(path, await gitBytes(cwd, ['show', `${base}:./${path}`])),
      })
  }
  for (const path of untracked.split('\0')) if (isWanted(path)) files.push({ path: join(cwd, path), before: null })
  return files.sort((a, b) => byRun(a.path, b.path))
}

const isWanted = (path: string): boolean => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return path !== '' && (isChange(name) || /^\.env(\..+)?$|\.env$/.test(name))
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
