import type { Mute } from '../core/configuration.ts'
import { matchesGlob } from '../core/glob.ts'
import type { YamlDocument } from './document.ts'
import { nearest } from './nearest.ts'
import { pathText, type Problem } from './problem.ts'
import type { MuteShape } from './schema.ts'

const dayMs = 86_400_000

/** What is muted, by whom, why and until when. A mute whose end is past is kept: that it ended is told. */
export function readMutes(
  shapes: readonly MuteShape[],
  checks: readonly string[],
  document: YamlDocument,
): { readonly mutes: readonly Mute[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const mutes = shapes.map(({ check, subject, owner, reason, until }, n): Mute => {
    const complain = (key: string, message: string): void => {
      const path = ['mutes', n, key]
      problems.push({ ...document.placeOf(path), path: pathText(path), message })
    }
    if (!checks.some((id) => matchesGlob(check, id))) complain('check', unknown(check, checks))
    const untilMs = endOf(until)
    if (untilMs === null) complain('until', 'expected a day such as 2027-03-31, or a time such as 2027-03-31T18:00:00Z')
    return { check, subject: subject ?? null, owner, reason, untilMs: untilMs ?? 0 }
  })
  return { mutes, problems }
}

/** A day counts to its end, in UTC. */
function endOf(text: string): number | null {
  const day = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/.exec(text)
  const start = day?.[1] === undefined ? Number.NaN : Date.parse(`${day[1]}T00:00:00Z`)
  // The 30th of February is read as the 2nd of March.
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== day?.[1]) return null
  const ms = day[2] === undefined ? start + dayMs : Date.parse(text)
  return Number.isNaN(ms) ? null : ms
}

function unknown(check: string, known: readonly string[]): string {
  const shown = check.slice(0, 80)
  if (check.includes('*')) return `no check matches '${shown}'`
  const near = nearest(check, known)
  return `unknown check '${shown}'${near === null ? '' : `, did you mean '${near}'?`}`
}
