import { readFileSync } from 'node:fs'
import { codeOfError } from '../reading.ts'

/** Ticks of all cores since the machine's start. */
export interface CpuTicks {
  readonly cores: number
  readonly busy: number
  readonly total: number
}

/** First line of /proc/stat (manual page proc(5)): waiting for disks is idle time. Null where there is none. */
export function cpuTicks(): CpuTicks | null {
  try {
    // The kernel's memory, no disk: nothing to wait for, and a fifth of what a thread costs.
    return ticksOf(readFileSync('/proc/stat', 'utf8'))
  } catch (error) {
    // Another system than Linux.
    if (codeOfError(error) === null) throw error
    return null
  }
}

export function ticksOf(text: string): CpuTicks | null {
  // Guests' time is in the user's already: only the first eight count.
  const ticks = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.split(' ').slice(0, 8).map(Number)
  if (!ticks || ticks.length < 4) return null
  const total = ticks.reduce((sum, each) => sum + each, 0)
  return {
    cores: Math.max(1, text.match(/^cpu\d/gm)?.length ?? 0),
    busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0),
    total,
  }
}

/** Share of all cores between two looks; null where no time has gone by. */
export const busyShare = (before: CpuTicks | null, now: CpuTicks | null): number | null =>
  before && now && now.total > before.total
    ? Math.min(1, Math.max(0, (now.busy - before.busy) / (now.total - before.total)))
    : null
