import type { Entry, Moment, Note, Zone } from './postmortem.ts'
import { isDated, momentOf } from './window.ts'
import type { Window } from './window.ts'

/** The zone of the clock times: what most entries say, else the header. */
export function zoneOf(window: Window, entries: readonly Zone[]): { zone: Zone | null; notes: readonly Note[] } {
  const header = window.start?.zone ?? window.end?.zone ?? null
  const line = window.start?.line ?? 1
  const votes = Map.groupBy(entries, ({ offsetMin }) => offsetMin)
  const most = [...votes.values()].reduce((a, b) => (b.length > a.length ? b : a), [])[0] ?? null
  if (!header && !most)
    return { zone: null, notes: [{ line, message: 'no time zone is stated: minutes are known, moments are not' }] }
  if (!header || !most || header.offsetMin === most.offsetMin) return { zone: header ?? most, notes: [] }
  const message = `the header says ${header.stated} and the time line ${most.stated}: read as ${most.stated}`
  return { zone: most, notes: [{ line, message }] }
}

/** Start, end and the minutes between them: as stated, else from the time line. */
export function spanOf(
  window: Window,
  zone: Zone | null,
  entries: readonly Entry[],
): { start: Moment | null; end: Moment | null; total: number | null; notes: readonly Note[] } {
  const { start, end, startWall, endWall } = window
  if (start && startWall !== null && end && endWall !== null) {
    const total = minutes((endWall - startWall) / 60)
    const notes: Note[] = isDated(start.day)
      ? []
      : [{ line: start.line, message: 'the day of the outage is not stated in full' }]
    if (total < 0) notes.push({ line: end.line, message: 'it ends before it starts' })
    const [from, to] = [momentOf(start, start.day, startWall, zone), momentOf(end, end.day, endWall, zone)]
    return { start: from, end: to, total: total < 0 ? null : total, notes }
  }
  const [first] = entries
  const last = entries.findLast(({ kind }) => kind === 'resolution') ?? entries.at(-1)
  if (!first || !last)
    return { start: null, end: null, total: null, notes: [{ line: 1, message: 'neither start nor end is stated' }] }
  const message = 'start and end are not both stated: taken from the first entry and the one that ends it'
  const total =
    last.minute === null || first.minute === null || entries.length < 2 ? null : minutes(last.minute - first.minute)
  return { start: first, end: last, total, notes: [{ line: first.line, message }] }
}

/** Minutes until the cause was found, and those that were lost on wrong turns. */
export function minutesOf(entries: readonly Entry[]): {
  toCause: number | null
  misleading: number | null
  notes: readonly Note[]
} {
  const [first] = entries
  if (!first)
    return { toCause: null, misleading: null, notes: [{ line: 1, message: 'no time line with clock times was found' }] }
  const detected = entries.find(({ kind }) => kind === 'detection') ?? first
  const cause = entries.find(({ causeFound }) => causeFound)
  const notes: Note[] = []
  if (detected.kind !== 'detection')
    notes.push({ line: first.line, message: 'no entry says how it was noticed: counted from the first' })
  if (!cause) notes.push({ line: first.line, message: 'no entry says when the cause was found' })
  const between = (from: Entry, to: Entry | undefined): number | null =>
    to === undefined || from.minute === null || to.minute === null ? null : minutes(to.minute - from.minute)
  const lost = entries.map((entry, index) => (entry.kind === 'misleading' ? between(entry, entries[index + 1]) : 0))
  return {
    toCause: cause ? between(detected, cause) : null,
    misleading: lost.includes(null) ? null : minutes(lost.reduce<number>((sum, one) => sum + (one ?? 0), 0)),
    notes,
  }
}

/** Seconds are kept, binary fractions are not. */
const minutes = (value: number): number => Math.round(value * 1000) / 1000
