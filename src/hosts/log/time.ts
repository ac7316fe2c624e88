/** Offsets in minutes of the abbreviations that mean one thing only. CST, IST and their like are China's or America's. */
const minutesEast: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  Z: 0,
  WET: 0,
  WEST: 60,
  CET: 60,
  CEST: 120,
  EET: 120,
  EEST: 180,
  MSK: 180,
  EST: -300,
  EDT: -240,
  PST: -480,
  PDT: -420,
  MDT: -360,
  CDT: -300,
  HST: -600,
  AKST: -540,
  AKDT: -480,
  JST: 540,
  KST: 540,
  SAST: 120,
  AEST: 600,
  AEDT: 660,
  AWST: 480,
  NZST: 720,
  NZDT: 780,
}

const hourMs = 3_600_000
const known = new Map<string, number | null>()

/**
 * `2026-03-05 09:04:00.123 CET` as milliseconds since the epoch. `zone` is the server's `log_timezone`, for abbreviations that
 * mean several things; null where they cannot be told apart.
 */
export function timeOf(text: string, zone: string | null): number | null {
  // Lines come many in a millisecond.
  if (text === last.text && zone === last.zone) return last.atMs
  const atMs = readTime(text, zone)
  last = { text, zone, atMs }
  return atMs
}

let last: { readonly text: string; readonly zone: string | null; readonly atMs: number | null } = {
  text: '',
  zone: null,
  atMs: null,
}

function readTime(text: string, zone: string | null): number | null {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,6})? ?(\S+)$/.exec(text)
  if (!parts) return null
  const [, day = '', time = '', fraction = '', word = ''] = parts
  const wall = Date.parse(`${day}T${time}${fraction === '' ? '' : fraction.slice(0, 4)}Z`)
  if (Number.isNaN(wall)) return null
  const offset = offsetMs(word, zone, wall)
  return offset === null ? null : wall - offset
}

/** `%n`: seconds since the epoch with milliseconds. */
export const epochOf = (text: string): number | null =>
  /^\d{1,12}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text) * 1000) : null

function offsetMs(word: string, zone: string | null, wall: number): number | null {
  const numeric = /^([+-])(\d\d):?(\d\d)?(?::?\d\d)?$/.exec(word)
  if (numeric) {
    const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? 0)
    return (numeric[1] === '-' ? -minutes : minutes) * 60_000
  }
  const minutes = Object.hasOwn(minutesEast, word) ? minutesEast[word] : undefined
  if (minutes !== undefined) return minutes * 60_000
  if (zone === null) return null
  // Offsets change at full hours at the most: asking for each line costs more than reading it.
  const key = `${zone} ${Math.floor(wall / hourMs)}`
  const before = known.get(key)
  if (before !== undefined) return before
  if (known.size > 1000) known.clear()
  const first = zoneOffsetMs(zone, wall)
  const offset = first === null ? null : zoneOffsetMs(zone, wall - first)
  known.set(key, offset)
  return offset
}

/** Of a zone by its name, at a time in UTC; null for a zone that is not known here. */
function zoneOffsetMs(zone: string, atMs: number): number | null {
  try {
    const text = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).format(atMs)
    const parts = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(text)
    if (!parts) return null
    const minutes = Number(parts[2] ?? 0) * 60 + Number(parts[3] ?? 0)
    return (parts[1] === '-' ? -minutes : minutes) * 60_000
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
