import type { Moment, Note, Zone } from './postmortem.ts'
import type { PlacedLine } from './section.ts'
import { borrowed, stampsOf } from './stamp.ts'
import type { Stamp } from './stamp.ts'
import type { Day } from './token.ts'

const daySeconds = 86_400

/** Start and end as stated, on the wall clock: seconds since an epoch that both share. */
export interface Window {
  readonly start: Stamp | null
  readonly end: Stamp | null
  readonly startWall: number | null
  readonly endWall: number | null
}

/** Seconds of a wall clock. Without a day it is the day 0, without a year that of a leap year: differences stay right. */
export function wallOf(seconds: number, day: Day | null): number {
  if (day === null || day.month === null) return seconds
  return Date.UTC(day.year ?? 2000, day.month - 1, day.day) / 1000 + seconds
}

/** Is the day known well enough to say when it was? */
export const isDated = (day: Day | null): boolean => day !== null && day.month !== null && day.year !== null

/** The moment on everybody's clock; null while its day or zone is not known. */
export function momentOf(stamp: Stamp, day: Day | null, wall: number, zone: Zone | null): Moment {
  const known = isDated(day) && zone !== null
  return { line: stamp.line, stated: stamp.stated, atMs: known ? (wall - zone.offsetMin * 60) * 1000 : null }
}

/** Reads when the outage began and ended: where the text speaks of its duration, else in the summary. */
export function windowOf(lines: readonly PlacedLine[]): { window: Window; notes: readonly Note[] } {
  const stampsIn = (...sections: readonly PlacedLine['section'][]): readonly Stamp[] =>
    lines.filter(({ section }) => sections.includes(section)).flatMap(({ text, line }) => stampsOf(text, line))
  const stated = stampsIn('duration')
  const range = stated.length > 0 ? stated : stampsIn('summary', 'none', 'impact')
  const start = stampsIn('start')[0] ?? range[0] ?? null
  const end = stampsIn('end')[0] ?? range[1] ?? null
  const startDay = start?.day ? borrowed(start.day, end?.day ?? null) : null
  const endDay = end?.day ? borrowed(end.day, startDay) : startDay
  const startWall = start && wallOf(start.seconds, startDay)
  const late = end && wallOf(end.seconds, endDay)
  const overnight = startWall !== null && late !== null && wallOf(0, endDay) === wallOf(0, startDay) && late < startWall
  const notes: Note[] = [start, end].flatMap((stamp) => (stamp?.odd ? [{ line: stamp.line, message: stamp.odd }] : []))
  if (stated.length === 0 && range.length > 2 && start && end)
    notes.push({
      line: start.line,
      message: `start and end are read from ${start.stated} and ${end.stated}, the first of several times`,
    })
  if (overnight && end) notes.push({ line: end.line, message: `${end.stated} is read as the day after the start` })
  return {
    window: {
      start: start && { ...start, day: startDay },
      end: end && { ...end, day: endDay },
      startWall,
      endWall: late === null ? null : late + (overnight ? daySeconds : 0),
    },
    notes,
  }
}
