import { AntemortemError } from '../core/error.ts'
import { frontMatterOf } from './front-matter.ts'
import { linesOf } from './lines.ts'
import { measuresOf } from './measure.ts'
import type { Postmortem } from './postmortem.ts'
import { placed } from './section.ts'
import type { PlacedLine, Section } from './section.ts'
import { stampedLines, timelineOf } from './timeline.ts'
import { titleOf } from './title.ts'
import { windowOf } from './window.ts'
import { minutesOf, spanOf, zoneOf } from './span.ts'

/** A postmortem is prose: what is larger is a log or a mistake. */
export const sizeLimit = 1_048_576
const noteLimit = 100

/**
 * Reads a postmortem: any Markdown or plain text, in the form that people write them. What cannot be read is in `notes`;
 * the only errors are a text that is too large or no text.
 */
export function readPostmortem(text: string, file: string): Postmortem {
  if (text.length > sizeLimit)
    throw refuse(
      'postmortem-too-large',
      `${file} is larger than 1 MB`,
      'Keep logs and dumps in files of their own, and link to them.',
    )
  if (unreadable(text) * 100 > text.length)
    throw refuse(
      'postmortem-not-text',
      `${file} is not text in UTF-8`,
      'Save it as UTF-8, or take it out of the folder.',
    )
  const { title, body, notes: headNotes } = frontMatterOf(text.replace(/^\uFEFF/, ''))
  const { lines, notes: lineNotes } = linesOf(body)
  const parts = placed(lines)
  const { window, notes: windowNotes } = windowOf(parts)
  const stamped = stampedLines(parts)
  const { zone, notes: zoneNotes } = zoneOf(
    window,
    stamped.flatMap(({ stamp }) => (stamp.zone ? [stamp.zone] : [])),
  )
  const { entries, notes: entryNotes } = timelineOf(stamped, window, zone)
  const { measures, notes: measureNotes } = measuresOf(parts)
  const { start, end, total, notes: spanNotes } = spanOf(window, zone, entries)
  const day =
    start?.atMs == null ? null : new Date(start.atMs + (zone?.offsetMin ?? 0) * 60_000).toISOString().slice(0, 10)
  const { toCause, misleading, notes: minuteNotes } = minutesOf(entries)
  const all = [headNotes, lineNotes, windowNotes, zoneNotes, entryNotes, spanNotes, minuteNotes, measureNotes].flat()
  const notes = all.toSorted((a, b) => a.line - b.line)
  return {
    file,
    title: title ?? titleOf(parts, day, file),
    start,
    end,
    zone,
    timeline: entries,
    minutes: { toCause, total, misleading },
    rootCause: rootCauseOf(parts),
    measures,
    notes:
      notes.length > noteLimit
        ? [...notes.slice(0, noteLimit), { line: 0, message: `${notes.length - noteLimit} more` }]
        : notes,
  }
}

const refuse = (code: string, message: string, hint: string): AntemortemError =>
  new AntemortemError(code, message, hint, { exit: 2 })

/** Control characters and what UTF-8 could not decode: one in a hundred is no text. */
function unreadable(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if ((code < 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13) || code === 0xff_fd) count += 1
  }
  return count
}

/** The first paragraph under the root cause, or under the resolution where the two share a heading. */
function rootCauseOf(lines: readonly PlacedLine[]): Postmortem['rootCause'] {
  const told = (wanted: Section): number =>
    lines.findIndex(({ section, text, kind }) => section === wanted && text !== '' && kind !== 'heading')
  const from = told('cause') < 0 ? told('resolution') : told('cause')
  const first = lines[from]
  if (!first) return null
  const following = lines.slice(from + 1)
  const until = following.findIndex(({ continues, section }) => !continues || section !== first.section)
  const text = [first, ...following.slice(0, until < 0 ? undefined : until)].map((line) => line.text).join(' ')
  return { line: first.line, text: text.slice(0, 2_000) }
}
