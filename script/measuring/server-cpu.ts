import { mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** CPU time in milliseconds since some beginning: only differences mean anything. */
export interface ServerCpu {
  /** The postmaster, every process that serves a connection, and all of them that have ended. */
  readonly serving: number
  /** Those that were there when the meter was made: replication, checkpoints, writers. They work on when nobody asks. */
  readonly background: number
}

export interface CpuMeter {
  readonly how: 'cgroup' | 'proc'
  readonly read: () => ServerCpu
  /** When the server is gone. */
  readonly close: () => void
}

/**
 * Of a server that nobody is connected to. A control group counts in microseconds and forgets nobody; it takes root.
 * Otherwise /proc, in hundredths of a second.
 */
export function meterOf(postmaster: number): CpuMeter {
  const group = makeGroup(postmaster)
  const background = new Map(childrenOf(postmaster).map((pid) => [pid, 0]))
  const readBackground = (of: (pid: number) => number | null): number => {
    // What a process that has ended had used stays in the sum of all.
    for (const [pid, ms] of background) background.set(pid, of(pid) ?? ms)
    return [...background.values()].reduce((sum, ms) => sum + ms, 0)
  }
  if (group === null)
    return {
      how: 'proc',
      read: () => {
        const all = procMs(postmaster)
        const behind = readBackground((pid) => statOf(pid)?.own ?? null)
        return { serving: all - behind, background: behind }
      },
      close: () => undefined,
    }
  return {
    how: 'cgroup',
    read: () => {
      const behind = readBackground(exactMs)
      const all = Number(/^usage_usec (\d+)$/m.exec(readText(join(group, 'cpu.stat')) ?? '')?.[1]) / 1000
      return { serving: all - behind, background: behind }
    },
    close: () => rmdirSync(group),
  }
}

/** With the postmaster and its children inside; null where we may not make one. */
function makeGroup(postmaster: number): string | null {
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[2] === 'cgroup2')?.[1]
  if (mount === undefined) return null
  const group = join(mount, `antemortem-measure-${process.pid}-${postmaster}`)
  try {
    mkdirSync(group)
  } catch (error) {
    if (isOneOf(error, ['EACCES', 'EPERM', 'EROFS'])) return null
    throw error
  }
  // Whoever is forked while we move the others is moved in the next pass; whoever comes later is born inside.
  const inside = new Set<number>()
  for (;;) {
    const outside = [postmaster, ...childrenOf(postmaster)].filter((pid) => !inside.has(pid))
    if (outside.length === 0) return group
    for (const pid of outside) {
      inside.add(pid)
      moveTo(group, pid)
    }
  }
}

function moveTo(group: string, pid: number): void {
  try {
    writeFileSync(join(group, 'cgroup.procs'), String(pid))
  } catch (error) {
    if (!isOneOf(error, ['ESRCH'])) throw error
  }
}

const childrenOf = (parent: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statOf(pid)?.parent === parent)

/** A child that ends moves from its own line to its parent's: read again until nobody has moved meanwhile. */
function procMs(postmaster: number): number {
  for (;;) {
    const before = statOf(postmaster)
    const children = childrenOf(postmaster).map((pid) => statOf(pid)?.own ?? 0)
    const after = statOf(postmaster)
    if (!before || !after) return Number.NaN
    if (before.reaped === after.reaped) return after.own + after.reaped + children.reduce((sum, own) => sum + own, 0)
  }
}

/** In nanoseconds, but only of the process itself. */
export function exactMs(pid: number): number | null {
  const text = readText(`/proc/${pid}/schedstat`)
  return text === null ? null : Number(text.split(' ')[0]) / 1e6
}

export const parentOf = (pid: number): number | null => statOf(pid)?.parent ?? null

/** What a process calls itself; a server's says whom it serves. */
export const titleOf = (pid: number): string | null =>
  readText(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? null

interface Stat {
  readonly parent: number
  /** Milliseconds of its own, and of those that it has collected. */
  readonly own: number
  readonly reaped: number
}

/** proc(5): after the name in brackets, which may hold anything, the fields from the third on. */
function statOf(pid: number): Stat | null {
  const text = readText(`/proc/${pid}/stat`)
  if (text === null) return null
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const field = (n: number): number => Number(fields[n - 3])
  // Hundredths of a second on every Linux that Node runs on.
  return { parent: field(4), own: 10 * (field(14) + field(15)), reaped: 10 * (field(16) + field(17)) }
}

/** Null where the process has gone. */
function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (isOneOf(error, ['ENOENT', 'ESRCH'])) return null
    throw error
  }
}

const isOneOf = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
