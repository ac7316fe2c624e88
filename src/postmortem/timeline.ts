import { kindOf, speaksOfRepair, wrongTurnsIn } from './kind.ts'
import { entryKinds, wrongTurns } from './postmortem.ts'
import type { Entry, EntryKind, Note, WrongTurn, Zone } from './postmortem.ts'
import type { PlacedLine } from './section.ts'
import { borrowed, leadingStamp } from './stamp.ts'
import type { Stamp } from './stamp.ts'
import type { Day } from './token.ts'
import { momentOf, wallOf } from './window.ts'
import type { Window } from './window.ts'

interface Stamped {
  readonly stamp: Stamp
  readonly text: string
}

/** Lines of the time line that begin with a clock time; a line without one continues the entry above it. */
export function stampedLines(lines: readonly PlacedLine[]): readonly Stamped[] {
  const entries: Stamped[] = []
  let day: Day | null = null
  for (const { text, line, section } of lines) {
    if (section !== 'timeline') continue
    const lead = leadingStamp(text, line)
    const last = entries.at(-1)
    if (lead?.stamp) entries.push({ stamp: { ...lead.stamp, day: lead.stamp.day ?? day }, text: lead.rest })
    else if (lead && lead.rest === '') day = lead.day
    else if (last) entries[entries.length - 1] = { ...last, text: `${last.text} ${text}`.trim().slice(0, 2_000) }
  }
  return entries
}

/** Entries in their order, each placed on the clock as far as the text allows; every guess is a note. */
export function timelineOf(
  stamped: readonly Stamped[],
  window: Window,
  zone: Zone | null,
): { entries: readonly Entry[]; notes: readonly Note[] } {
  const notes: Note[] = []
  const entries: Entry[] = []
  const crosses =
    window.startWall === null || window.endWall === null || dayOf(window.startWall) !== dayOf(window.endWall)
  let day: Day | null = window.start?.day ?? null
  let previous: number | null = null
  let first: number | null = null
  for (const { stamp, text } of stamped) {
    const note = (message: string): number => notes.push({ line: stamp.line, message })
    if (stamp.odd) note(stamp.odd)
    if (stamp.day) day = borrowed(stamp.day, day)
    const shift = shiftOf(stamp, wallOf(stamp.seconds, day))
    const wall: number = wallOf(stamp.seconds, day) + shift
    if (Math.abs(shift) === halfDay)
      note(`${stamp.stated} breaks the order; read as twelve hours ${shift < 0 ? 'earlier' : 'later'}`)
    if (shift === 2 * halfDay && day) day = nextDay(day)
    const falls: boolean = previous !== null && wall < previous
    if (falls) note(`${stamp.stated} comes before the entry above it; no minutes are counted from it`)
    const local = wall - (stamp.zone ?? zone ?? { offsetMin: 0 }).offsetMin * 60
    first ??= local
    if (!falls) previous = wall
    const minute = falls ? null : (local - first) / 60
    entries.push({
      ...momentOf(stamp, day, wall, stamp.zone ?? zone),
      text: withoutKind(text),
      ...toldBy(text),
      minute,
    })
  }
  return { entries: withOneEnd(entries), notes }

  /** Seconds that bring an undated entry into order: one flip of am and pm, or the next day where midnight is crossed. */
  function shiftOf(stamp: Stamp, wall: number): number {
    const fits = (at: number): boolean =>
      (previous === null || at >= previous) && (window.endWall === null || at <= window.endWall)
    if (fits(wall) || stamp.day) return 0
    const flipped = stamp.meridiem === 'pm' ? -halfDay : halfDay
    if (previous !== null && wall < previous && crosses && fits(wall + 2 * halfDay)) return 2 * halfDay
    return stamp.meridiem !== null && previous !== null && fits(wall + flipped) ? flipped : 0
  }
}

const halfDay = 43_200
const dayOf = (wall: number): number => Math.floor(wall / (2 * halfDay))

function nextDay(day: Day): Day {
  const next = new Date(wallOf(0, day) * 1000 + 2 * halfDay * 1000)
  return day.month === null
    ? day
    : { day: next.getUTCDate(), month: next.getUTCMonth() + 1, year: day.year && next.getUTCFullYear() }
}

const marked = /^\[([a-z-]+)([^\]]{0,100})\]\s*/

const withoutKind = (text: string): string => text.replace(marked, '')

/** `[misleading network]` in front of an entry is its author's word; else the words of the entry decide. */
function toldBy(text: string): Pick<Entry, 'kind' | 'causeFound' | 'wrongTurns'> {
  const mark = marked.exec(text)
  const kind = entryKinds.find((known) => known === mark?.[1])
  const told = kindOf(withoutKind(text))
  if (!kind) return told
  const named: readonly WrongTurn[] = wrongTurns.filter((turn) => mark?.[2]?.includes(turn))
  return {
    kind,
    causeFound: kind === 'investigation' && (told.causeFound || (mark?.[2] ?? '').includes('cause')),
    wrongTurns: kind === 'misleading' ? (named.length > 0 ? named : wrongTurnsIn(text)) : [],
  }
}

/** An outage ends once: an earlier `repaired and restored` was the repair, and a story without an end ends with its last repair. */
function withOneEnd(entries: readonly Entry[]): readonly Entry[] {
  const isEnd = ({ kind }: Entry): boolean => kind === 'resolution'
  const last = entries.findLastIndex(isEnd)
  const ends = last < 0 && entries.at(-1)?.kind === 'mitigation' ? entries.length - 1 : last
  const kindAt = (entry: Entry, index: number): EntryKind =>
    index === ends ? 'resolution' : isEnd(entry) && speaksOfRepair(entry.text) ? 'mitigation' : entry.kind
  return entries.map((entry, index) => ({ ...entry, kind: kindAt(entry, index) }))
}
