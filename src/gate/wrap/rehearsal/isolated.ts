import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programBeside } from '../../../lab/child-program.ts'
import type { CommandOutcome } from '../command/outcome.ts'
import type { CommandOptions } from '../command/run-command.ts'
import { runCommand } from '../command/run-command.ts'
import type { InsideOrder } from './inside.ts'

/** What is run, and what it may see. */
export interface IsolatedOptions extends CommandOptions, Pick<InsideOrder, 'ways' | 'copied' | 'files'> {
  /** Our own, for this rehearsal alone. */
  readonly directory: string
  /** Where `unshare` lies; null where it is not installed. */
  readonly unshare: string | null
}

/** Runs a command with no network but the ways to the copy, and no disk that it could change. null: this system does not let us. */
export async function runIsolated(options: IsolatedOptions): Promise<CommandOutcome | null> {
  const { directory, unshare, words, cwd, ways, copied, files } = options
  if (unshare === null || process.platform !== 'linux') return null
  const order: InsideOrder = {
    ways,
    scratch: join(directory, 'scratch'),
    sockets: join(directory, 'sockets'),
    copied,
    files,
    hidden: serverSockets(),
    cwd,
    words,
    ready: join(directory, 'sockets', 'ready'),
  }
  mkdirSync(order.scratch, { recursive: true, mode: 0o700 })
  const file = join(directory, 'order.json')
  writeFileSync(file, JSON.stringify(order), { mode: 0o600 })
  const inside = programBeside(import.meta.url, './inside-process').pathname
  // Root may lack the right to do it as root, in a container, and have it as somebody else's root.
  const asUser = ['--user', '--map-root-user']
  const tries = process.getuid?.() === 0 ? [[], asUser] : [asUser]
  for (const more of tries) {
    const [first, ...rest] = [unshare, '--net', '--mount', ...more, process.execPath, inside, file]
    if (first === undefined) continue
    const outcome = await runCommand({ ...options, words: [first, ...rest] })
    if (existsSync(order.ready) || outcome.interrupted) return outcome
  }
  return null
}

/** Sockets of PostgreSQL in the file system: no network namespace holds them back. */
function serverSockets(): readonly string[] {
  const paths = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .flatMap((line) => /\s(\/\S*\.s\.PGSQL\.\d+)$/.exec(line)?.[1] ?? [])
  return [...new Set(paths)].filter((path) => existsSync(path))
}
