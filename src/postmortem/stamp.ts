import type { Zone } from './postmortem.ts'
import { tokensOf } from './token.ts'
import type { Day, Token } from './token.ts'

/** A clock time with what the text says of its day and zone. */
export interface Stamp {
  readonly line: number
  readonly stated: string
  readonly seconds: number
  readonly day: Day | null
  readonly zone: Zone | null
  readonly meridiem: 'am' | 'pm' | null
  /** What is wrong with the clock time itself. */
  readonly odd: string | null
}

type Clock = Extract<Token, { kind: 'clock' }>
const isClock = (token: Token): token is Clock => token.kind === 'clock'
const zoneIn = (tokens: readonly Token[]): Zone | null =>
  tokens.flatMap((token) => (token.kind === 'zone' && token.zone ? [token.zone] : []))[0] ?? null

/**
 * The clock times of a sentence, each with its day: the last day before it, or the first behind it where the sentence says
 * the time first (`4 pm 16th – 5 pm 19th January`). Halves of a range borrow month, year and zone from each other.
 */
export function stampsOf(text: string, line: number): readonly Stamp[] {
  const tokens = tokensOf(text)
  const clocks = tokens.filter(isClock)
  const [first] = clocks
  if (!first) return []
  const days = tokens.filter((token) => token.kind === 'day')
  const dayFirst = days.some((token) => token.at < first.at)
  const zone = zoneIn(tokens)
  const stamps = clocks.map((clock, index) => {
    const next = clocks[index + 1]?.at ?? text.length
    const before = days.findLast((token) => token.at < clock.at)
    const behind = days.find((token) => token.at > clock.at && token.at < next)
    const own = tokens.filter((token) => token.at > clock.at && token.at < next)
    return { clock, day: (dayFirst ? before : (behind ?? before))?.day ?? null, zone: zoneIn(own) ?? zone }
  })
  const whole = stamps.map(({ day }) => day).find((day) => day?.month && day.year) ?? null
  return stamps.map(({ clock: { stated, seconds, meridiem, odd }, day, zone: own }) => ({
    line,
    stated,
    seconds,
    meridiem,
    odd,
    zone: own,
    day: day && borrowed(day, whole),
  }))
}

export const borrowed = (day: Day, from: Day | null): Day => ({
  day: day.day,
  month: day.month ?? from?.month ?? null,
  year: day.year ?? from?.year ?? null,
})

const filler = /^[\s,()|;~–—[\]-]*(?:\b(?:at|on|from|to|and|around|about|approx(?:imately)?|of)\b[\s.,~]*)*$/i

/** The stamp with which a line begins, and the words behind it; null where it begins with words. */
export function leadingStamp(
  text: string,
  line: number,
): { stamp: Stamp | null; day: Day | null; rest: string } | null {
  const head = text.slice(0, 120)
  let end = 0
  let clockSeen = false
  for (const token of tokensOf(head)) {
    const gap = head.slice(end, token.at)
    // A colon behind the clock time ends the stamp; before it, it stands behind a day.
    if (!filler.test(clockSeen ? gap : gap.replaceAll(':', ' '))) break
    end = token.end
    clockSeen ||= token.kind === 'clock'
  }
  if (end === 0) return null
  const [stamp] = stampsOf(head.slice(0, end), line)
  const rest = text.slice(end).replace(/^[\s:|,;.)\]–—-]+/, '')
  if (stamp)
    return {
      stamp: {
        ...stamp,
        stated: head
          .slice(0, end)
          .trim()
          .replace(/\(([^()]*)$/, '($1)'),
      },
      day: stamp.day,
      rest,
    }
  const day = tokensOf(head.slice(0, end)).find((token) => token.kind === 'day')
  return day ? { stamp: null, day: day.day, rest } : null
}
