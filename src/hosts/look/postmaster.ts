import { readFile, readlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { codeOfError, isAbsent, unread, unreadOf, type Unread } from '../reading.ts'

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

/** Is the postmaster of this data directory there? Line 1 of its file is the process, line 3 its start, line 4 the port. */
export async function lookForPostmaster(dataDir: string): Promise<Postmaster> {
  const file = join(dataDir, 'postmaster.pid')
  const nothing = { pid: null, port: null, program: null, unread: null }
  let lines: readonly string[]
  try {
    lines = (await readFile(file, 'utf8')).slice(0, 4096).split('\n')
  } catch (error) {
    if (!isAbsent(error)) return { ...nothing, state: 'unknown', unread: unreadOf(error, file, '') }
    return (await isThere(dataDir))
      ? { ...nothing, state: 'absent' }
      : { ...nothing, state: 'unknown', unread: unread(`there is no ${dataDir}`, 'correct `data` of this host') }
  }
  const pid = Number(lines[0])
  const port = Number(lines[3])
  const known = { ...nothing, port: Number.isInteger(port) && port > 0 ? port : null }
  // A server that runs alone (`postgres --single`) writes its number with a minus.
  if (!Number.isInteger(pid) || pid < 1) return { ...known, state: 'absent' }
  const found = await processOf(pid, Number(lines[2]))
  return { ...known, pid, ...found }
}

type Found = Pick<Postmaster, 'state' | 'program' | 'unread'>

async function processOf(pid: number, startedSec: number): Promise<Found> {
  const gone: Found = { state: 'absent', program: null, unread: null }
  if (!isAlive(pid)) return gone
  const comm = await textOf(`/proc/${pid}/comm`)
  const stat = await textOf(`/proc/${pid}/stat`)
  // Processes of others may be hidden (`hidepid`): then that it is there is all that one can know.
  if (comm === null || stat === null) return { state: 'running', program: null, unread: null }
  // Dead, and not collected by its parent.
  if (/^\d+ \(.*\) [ZX]/s.test(stat)) return gone
  const program = await programOf(pid)
  if (names.has(comm.trim()) || names.has(basename(program ?? ''))) return { state: 'running', program, unread: null }
  const youngerSec = await startOf(stat)
  // A number given again belongs to a process that started after the server; an older one means that we count otherwise.
  if (youngerSec === null || Number.isNaN(startedSec) || youngerSec > startedSec + 2) return gone
  const words = unread(
    `process ${pid} of postmaster.pid is ${comm.trim()} here: the server runs in a container that counts its own processes`,
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

/** A file that may go away or be closed to us. */
async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOfError(error) === null) throw error
    return null
  }
}

async function programOf(pid: number): Promise<string | null> {
  try {
    // After an upgrade of the package the running program is a file that is no more.
    return (await readlink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '')
  } catch (error) {
    if (codeOfError(error) === null) throw error
    return null
  }
}

/** When a process started, in seconds since the epoch: field 22 of /proc/PID/stat counts ticks since the machine's start. */
async function startOf(stat: string): Promise<number | null> {
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  const boot = Number(/^btime (\d+)/m.exec((await textOf('/proc/stat')) ?? '')?.[1])
  return Number.isNaN(ticks) || Number.isNaN(boot) ? null : boot + ticks / 100
}

async function isThere(dataDir: string): Promise<boolean> {
  return (await textOf(join(dataDir, 'PG_VERSION'))) !== null
}
