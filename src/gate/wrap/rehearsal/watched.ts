import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { AntemortemError } from '../../../core/error.ts'
import type { CommandOutcome } from '../command/outcome.ts'
import { runCommand } from '../command/run-command.ts'
import { connectionsOf } from './connections-of.ts'
import type { IsolatedOptions } from './isolated.ts'

export interface WatchedOutcome {
  readonly outcome: CommandOutcome
  /** Addresses of production that it was seen to be connected to: it was ended at once. */
  readonly reached: readonly string[]
  /** Settings files that lie outside of its directory: it sees the real ones. */
  readonly notLed: readonly string[]
}

const limits = {
  everyMs: { default: 25, unit: 'ms', why: 'a connection that does some work lasts longer' },
  entries: { default: 100_000, unit: 'files', why: 'a directory that is larger is no application' },
  bytes: { default: 1_073_741_824, unit: 'bytes', why: 'a copy of it would take the disk of the job' },
} as const

/**
 * Where no namespace is allowed: in a copy of its directory, with an eye on each of its connections. It could reach production, and is
 * ended when it does. null: this system does not even tell connections.
 */
export async function runWatched(
  options: Omit<IsolatedOptions, 'copied' | 'ways' | 'unshare'> & { readonly forbidden: ReadonlySet<string> },
): Promise<WatchedOutcome | null> {
  if (process.platform !== 'linux') return null
  const { cwd, directory, files, forbidden, signal } = options
  const copy = copyOfDirectory(realpathSync(cwd), join(directory, 'copy'))
  const notLed = files.filter(({ path, text }) => {
    const inside = relative(realpathSync(cwd), realpathSync(path))
    if (inside.startsWith(`..${sep}`)) return true
    writeFileSync(join(copy, inside), text)
    return false
  })
  const mark = randomUUID()
  const found = new AbortController()
  const [reached, known] = [new Set<string>(), new Map<string, boolean>()]
  const look = (): void => {
    for (const end of connectionsOf(mark, known)) if (forbidden.has(end)) reached.add(end)
    if (reached.size > 0) found.abort(new DOMException('it has reached production', 'AbortError'))
  }
  const timer = setInterval(look, limits.everyMs.default)
  try {
    const both = AbortSignal.any([signal, found.signal])
    const outcome = await runCommand({ ...options, cwd: copy, signal: both, mark })
    return { outcome, reached: [...reached], notLed: notLed.map(({ path }) => path) }
  } finally {
    clearInterval(timer)
  }
}

function copyOfDirectory(from: string, to: string): string {
  let [entries, bytes] = [0, 0]
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    entries += 1
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size
    if (entries > limits.entries.default || bytes > limits.bytes.default)
      throw new AntemortemError(
        'rehearsal-directory',
        `${from} is too large to be copied for a rehearsal`,
        'Run the gate in the directory of the application; or where unshare is allowed, which needs no copy.',
      )
  }
  mkdirSync(to, { mode: 0o700 })
  cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  return to
}
