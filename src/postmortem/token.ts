import type { Zone } from './postmortem.ts'
import { zoneOf, zonePattern } from './zone.ts'

/** A day as far as it is stated: `16th` alone borrows month and year from its neighbour. */
export interface Day {
  readonly day: number
  readonly month: number | null
  readonly year: number | null
}

export type Token = { readonly at: number; readonly end: number; readonly stated: string } & (
  | {
      readonly kind: 'clock'
      readonly seconds: number
      readonly odd: string | null
      readonly meridiem: 'am' | 'pm' | null
    }
  | { readonly kind: 'day'; readonly day: Day }
  | { readonly kind: 'zone'; readonly zone: Zone | null }
)

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const month = String.raw`(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?`
const year = String.raw`(?:,?\s+((?:19|20)\d{2})\b)?`

const pattern = new RegExp(
  [
    String.raw`(?<iso>\b(?:19|20)\d{2}-\d{2}-\d{2}(?!\d))`,
    String.raw`(?<us>\b${month}\s+(\d{1,2})(?:st|nd|rd|th)?\b(?!:\d)${year})`,
    String.raw`(?<eu>\b(\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?\s+${month}\b${year})`,
    String.raw`(?<slash>\b(\d{1,2})\/(\d{1,2})\/((?:19|20)\d{2})\b)`,
    String.raw`(?<lone>\b(\d{1,2})(?:st|nd|rd|th)\b)`,
    String.raw`(?<clock>(?<![\d:.])(\d{1,2}):(\d{2})(?::(\d{2}))?(?![\d:])\s*([ap]\.?m\b\.?)?)`,
    String.raw`(?<hour>\b(\d{1,2})\s*([ap]\.?m\b\.?))`,
    `(?<zone>${zonePattern})`,
  ].join('|'),
  'gi',
)

/** Clock times, days and zones in a text, in their order. Each alternative consumes what it reads: one pass, no way back. */
export function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(pattern)].flatMap((match): Token[] => {
    const stated = match[0].trim()
    const place = { at: match.index, end: match.index + match[0].length, stated }
    const group = match.groups ?? {}
    if (group['zone']) return [{ ...place, kind: 'zone', zone: zoneOf(stated) }]
    if (group['clock'] || group['hour']) {
      const clock = clockOf(stated)
      return clock ? [{ ...place, kind: 'clock', ...clock }] : []
    }
    const day = dayOf(stated)
    return day ? [{ ...place, kind: 'day', day }] : []
  })
}

/** `13:00 PM` is read as 13:00, and said to be odd. */
function clockOf(stated: string): { seconds: number; odd: string | null; meridiem: 'am' | 'pm' | null } | null {
  const [hours = 0, minutes = 0, seconds = 0] = (stated.match(/\d+/g) ?? []).map(Number)
  if (hours > 23 || minutes > 59 || seconds > 59) return null
  const letter = /([ap])\.?m/i.exec(stated)?.[1]?.toLowerCase()
  const meridiem = letter === undefined ? null : letter === 'p' ? 'pm' : 'am'
  const impossible = meridiem !== null && (hours > 12 || hours === 0)
  const hour = meridiem === null || impossible ? hours : (hours % 12) + (meridiem === 'pm' ? 12 : 0)
  const odd = impossible ? `${stated} is not a clock time; read as ${stated.replace(/\s*[ap]\.?m\.?/i, '')}` : null
  return { seconds: hour * 3600 + minutes * 60 + seconds, odd, meridiem: impossible ? null : meridiem }
}

function dayOf(stated: string): Day | null {
  const name = /jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec/i.exec(stated)?.[0].toLowerCase()
  const numbers = (stated.match(/\d+/g) ?? []).map(Number)
  const [first = 0, second = 0, third = 0] = numbers
  if (/^\d{4}-/.test(stated)) return check({ year: first, month: second, day: third })
  // 05/03 is a day in May or in March, depending on who wrote it: only an unambiguous one is read.
  if (stated.includes('/')) {
    if (first > 12) return check({ day: first, month: second, year: third })
    return second > 12 || first === second ? check({ day: second, month: first, year: third }) : null
  }
  return check({ day: first, month: name ? months.indexOf(name) + 1 : null, year: numbers[1] ?? null })
}

const check = (day: Day): Day | null =>
  day.day >= 1 && day.day <= 31 && (day.month === null || (day.month >= 1 && day.month <= 12)) ? day : null
