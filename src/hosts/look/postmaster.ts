import { readFileSync, readlinkSync } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { codeOfError, isAbsent, unread, unreadOf, type Unread } from '../reading.ts'
import { Unmoved } from './unmoved.ts'

/** What `postmaster.pid` and the process of its number say. */
export interface Postmaster {
  readonly state: 'running' | 'absent' | 'unknown'
  readonly pid: number | null
  readonly port: number | null
  /** The program that runs, with its full path; null where that may not be read. */
  readonly program: string | null
  readonly unread: Unread | null
}

const names = new Set(['postgres', 'postmaster', 'postgres.real', 'edb-postgres'])

/** The lines of `postmaster.pid`, kept while the file is the same; null where there is none. */
export type PidLines = Unmoved<readonly string[] | null>

/** Is the postmaster of this data directory there? Line 1 of its file is the process, line 3 its start, line 4 the port. */
export async function lookForPostmaster(dataDir: string, pidLines: PidLines = new Unmoved()): Promise<Postmaster> {
  const file = join(dataDir, 'postmaster.pid')
  const nothing = { pid: null, port: null, program: null, unread: null }
  let lines: readonly string[] | null
  try {
    lines = await pidLines.get(
      file,
      async (depends) => {
        await depends(file)
        return linesOf(file)
      },
      (read) => read !== null,
    )
  } catch (error) {
    return { ...nothing, state: 'unknown', unread: unreadOf(error, file, '') }
  }
  if (lines === null)
    return (await isThere(dataDir))
      ? { ...nothing, state: 'absent' }
      : { ...nothing, state: 'unknown', unread: unread(`there is no ${dataDir}`, 'correct `data` of this host') }
  const pid = Number(lines[0])
  const port = Number(lines[3])
  const known = { ...nothing, port: Number.isInteger(port) && port > 0 ? port : null }
  // A server that runs alone (`postgres --single`) writes its number with a minus.
  if (!Number.isInteger(pid) || pid < 1) return { ...known, state: 'absent' }
  return { ...known, pid, ...processOf(pid, Number(lines[2])) }
}

async function linesOf(file: string): Promise<readonly string[] | null> {
  try {
    return (await readFile(file, 'utf8')).slice(0, 4096).split('\n')
  } catch (error) {
    if (!isAbsent(error)) throw error
    return null
  }
}

type Found = Pick<Postmaster, 'state' | 'program' | 'unread'>

function processOf(pid: number, startedSec: number): Found {
  const gone: Found = { state: 'absent', program: null, unread: null }
  if (!isAlive(pid)) return gone
  const stat = textOf(`/proc/${pid}/stat`)
  // Processes of others may be hidden (`hidepid`): then that it is there is all that one can know.
  if (stat === null) return { state: 'running', program: null, unread: null }
  // Dead, and not collected by its parent.
  if (/^\d+ \(.*\) [ZX]/s.test(stat)) return gone
  const program = programOf(pid)
  const comm = /^\d+ \((.*)\) /s.exec(stat)?.[1] ?? ''
  if (names.has(comm) || names.has(basename(program ?? ''))) return { state: 'running', program, unread: null }
  const youngerSec = startOf(stat)
  // A number given again belongs to a process that started after the server; an older one means that we count otherwise.
  if (youngerSec === null || Number.isNaN(startedSec) || youngerSec > startedSec + 2) return gone
  const words = unread(
    `process ${pid} of postmaster.pid is ${comm} here: the server runs in a container that counts its own processes`,
    'run the reader in the same container, or behind ssh into it',
  )
  return { state: 'unknown', program: null, unread: words }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and belongs to somebody else.
    if (codeOfError(error) === 'EPERM') return true
    if (codeOfError(error) === 'ESRCH') return false
    throw error
  }
}

/** A file of the kernel's, which is on no disk and keeps nobody waiting; it may go away or be closed to us. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOfError(error) === null) throw error
    return null
  }
}

function programOf(pid: number): string | null {
  try {
    // After an upgrade of the package the running program is a file that is no more.
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')
  } catch (error) {
    if (codeOfError(error) === null) throw error
    return null
  }
}

/** When a process started, in seconds since the epoch: field 22 of /proc/PID/stat counts ticks since the machine's start. */
function startOf(stat: string): number | null {
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  const boot = Number(/^btime (\d+)/m.exec(textOf('/proc/stat') ?? '')?.[1])
  return Number.isNaN(ticks) || Number.isNaN(boot) ? null : boot + ticks / 100
}

async function isThere(dataDir: string): Promise<boolean> {
  try {
    await access(join(dataDir, 'PG_VERSION'))
    return true
  } catch (error) {
    if (codeOfError(error) === null) throw error
    return false
  }
}
