import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../core/error.ts'
import { processesIn } from './orphans.ts'
import type { Owner } from './owner.ts'
import { postmasterPid, readPostmasterFile } from './postmaster.ts'
import { serverEnvironment } from './run.ts'

/** A server is its directory: whoever knows it can start, stop and find it again. */
export interface Server {
  readonly bin: string
  readonly owner: Owner
  readonly dataDir: string
  readonly logFile: string
}

/** `kill` is what `kill -9` of the postmaster does: no word to anybody. */
export type StopMode = 'fast' | 'immediate' | 'kill'

const limits = {
  startMs: { default: 60_000, unit: 'ms', why: 'a loaded machine needs seconds; nothing that starts needs a minute' },
  stopMs: { default: 30_000, unit: 'ms', why: 'a fast stop waits for its checkpoint and its standbys' },
} as const

const signals = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const

export const isRunning = (server: Server): boolean => postmasterPid(server.dataDir) !== null

/** Starts a server and waits until it takes connections. */
export async function startServer(server: Server, signal?: AbortSignal): Promise<void> {
  if (isRunning(server)) return
  signal?.throwIfAborted()
  const log = openSync(server.logFile, 'a', 0o640)
  const child = spawn(join(server.bin, 'postgres'), ['-D', server.dataDir], {
    ...server.owner,
    cwd: '/',
    // A session of its own: an interrupt at the terminal is ours to handle, and the keeper's.
    detached: true,
    env: serverEnvironment,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  let failed: Error | null = null
  child.once('error', (error) => (failed = error))
  const hasEnded = (): boolean => failed !== null || child.exitCode !== null || child.signalCode !== null
  const until = Date.now() + limits.startMs.default
  try {
    while (!isReady(server.dataDir, child.pid)) {
      if (failed !== null) throw failed
      if (hasEnded() || Date.now() > until) throw notStarted(server)
      await sleep(5, undefined, { signal })
    }
  } catch (error) {
    // Nothing that we gave up waiting for may start after all.
    child.kill('SIGQUIT')
    while (!hasEnded()) await sleep(5)
    throw error
  }
}

function isReady(dataDir: string, pid: number | undefined): boolean {
  const file = readPostmasterFile(dataDir)
  // `standby` is as far as a standby without hot_standby ever gets.
  return file !== null && file.pid === pid && (file.status === 'ready' || file.status === 'standby')
}

/** Stops a server, and returns when it is gone; null where it did not run. */
export async function stopServer(server: Server, mode: StopMode): Promise<void> {
  const until = Date.now() + limits.stopMs.default
  const pid = postmasterPid(server.dataDir)
  if (pid !== null) {
    process.kill(pid, signals[mode])
    // A drill may have stopped it: it takes no signal before it goes on.
    if (mode !== 'kill') process.kill(pid, 'SIGCONT')
    while (postmasterPid(server.dataDir) === pid) {
      if (Date.now() > until) throw notStopped(server, mode)
      await sleep(5)
    }
  }
  // It takes its file away when it ends in order; where the file is still there, its children may be, too.
  if (readPostmasterFile(server.dataDir) === null) return
  for (let left = processesIn(server.dataDir); left.length > 0; left = processesIn(server.dataDir)) {
    if (Date.now() > until) throw notStopped(server, mode)
    if (mode !== 'kill') left.forEach(end)
    await sleep(20)
  }
}

export function reloadServer(server: Server): void {
  const pid = postmasterPid(server.dataDir)
  if (pid !== null) process.kill(pid, 'SIGHUP')
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** The server's own last words say more than we could. */
function notStarted(server: Server): AntemortemError {
  const words = readFileSync(server.logFile, 'utf8')
    .trim()
    .split('\n')
    .filter((line) => /FATAL|PANIC|ERROR|HINT|DETAIL|CONTEXT/.test(line))
    .slice(-4)
  return new AntemortemError(
    'lab-server-did-not-start',
    `the server in ${server.dataDir} did not start: ${words.join(' / ') || 'it said nothing'}`,
    `Read ${server.logFile}`,
  )
}

function notStopped(server: Server, mode: StopMode): AntemortemError {
  return new AntemortemError(
    'lab-server-did-not-stop',
    `the server in ${server.dataDir} did not end after a ${mode} stop`,
    `Read ${server.logFile}, or end it with: kill -9 $(head -1 ${server.dataDir}/postmaster.pid)`,
  )
}
