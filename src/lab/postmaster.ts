import { existsSync, readFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** The server's own file: line 1 its process, line 8 how far it is. */
export interface PostmasterFile {
  readonly pid: number
  readonly status: string
}

export function readPostmasterFile(dataDir: string): PostmasterFile | null {
  const file = join(dataDir, 'postmaster.pid')
  if (!existsSync(file)) return null
  const lines = readText(file).split('\n')
  const pid = Number(lines[0])
  return Number.isInteger(pid) && pid > 1 ? { pid, status: (lines[7] ?? '').trim() } : null
}

/**
 * The process of the server, or null. A number alone proves nothing: it may be a dead process that nobody has collected
 * (a container whose first process does not), or belong to somebody else by now.
 */
export function postmasterPid(dataDir: string): number | null {
  const pid = readPostmasterFile(dataDir)?.pid
  return pid !== undefined && commandLine(pid).includes(dataDir) ? pid : null
}

function commandLine(pid: number): string {
  if (existsSync('/proc/self/cmdline')) return readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout
}

/** A file that may go away while one looks: then there is nothing in it. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isGone(error)) return ''
    throw error
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')
}
