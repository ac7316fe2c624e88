import type { Diagnosis } from '../core/diagnosis.ts'
import type { DrillResult } from '../core/drill.ts'
import type { Event } from '../core/event.ts'
import { atLeast } from '../core/severity.ts'
import { failuresSince, type Login } from './logins.ts'
import type { Truth } from './scene.ts'

export interface Course {
  readonly truth: Truth
  /** When the first step of the trigger began. */
  readonly triggeredMs: number
  readonly events: readonly Event[]
  readonly logins: readonly Login[]
  /** The last diagnosis that was made. */
  readonly diagnosis: Diagnosis | null
}

export interface Judgement extends Pick<DrillResult, 'noticed' | 'named' | 'suspects'> {
  /** First failed login after the trigger; null where nobody was hurt. */
  readonly harmMs: number | null
  /** When the truth was first named. */
  readonly namedMs: number | null
  /** Causes that were said to be confirmed and are not the truth: our worst bug. */
  readonly wronglyConfirmed: readonly string[]
}

/** Compares what was said with what is true. Pure. */
export function judge({ truth, triggeredMs, events, logins, diagnosis }: Course): Judgement {
  const harmMs = failuresSince(logins, triggeredMs)[0]?.atMs ?? null
  const after = events.filter(({ atMs }) => atMs >= triggeredMs)
  const first = after.find(
    (event) =>
      event.type === 'finding.opened' && event.incident !== undefined && atLeast(event.finding.severity, 'error'),
  )
  const named = after.filter((event) => event.type === 'cause.identified')
  const right = named.find((event) => isRight(event.diagnosis, truth))
  const last = right?.diagnosis ?? named.at(-1)?.diagnosis ?? diagnosis
  const cause = last?.causes[0]
  const isNamed = cause !== undefined && (cause.verdict === 'confirmed' || cause.verdict === 'probable')
  const trigger = last?.changes.find(({ id }) => id === cause?.trigger)
  return {
    harmMs,
    namedMs: right?.atMs ?? null,
    noticed: {
      // A finding that came before the first failed login noticed it at once.
      ms: first && harmMs !== null ? Math.max(0, first.atMs - harmMs) : null,
      by: first?.type === 'finding.opened' ? first.finding.check : null,
    },
    named: {
      ms: right ? right.atMs - triggeredMs : null,
      cause: isNamed ? cause.id : null,
      subject: isNamed ? cause.subject : null,
      trigger: trigger?.id ?? null,
      correct: isCorrect(
        { truth, triggeredMs, events, logins, diagnosis },
        named.length,
        right !== undefined,
        trigger?.object ?? null,
      ),
    },
    suspects: last?.suspects ?? [],
    wronglyConfirmed: wrongly(after, truth),
  }
}

function isRight(diagnosis: Diagnosis, truth: Truth): boolean {
  const [first] = diagnosis.causes
  return first?.id === truth.cause && (truth.subject === null || first.subject === truth.subject)
}

function isCorrect(
  { truth, events, triggeredMs }: Course,
  named: number,
  right: boolean,
  trigger: string | null,
): boolean {
  if (truth.cause === 'healthy')
    return !events.some(({ type, atMs }) => type === 'incident.opened' && atMs >= triggeredMs)
  if (truth.cause === 'unknown') return named === 0
  // A trigger may be left open where two changes fit; a wrong one may not.
  return right && (trigger === null || trigger === truth.trigger)
}

function wrongly(events: readonly Event[], truth: Truth): readonly string[] {
  const confirmed = events.flatMap((event) =>
    event.type === 'cause.identified' || event.type === 'diagnosis.finished'
      ? event.diagnosis.causes
          .filter(({ verdict }) => verdict === 'confirmed')
          .map(({ id, subject }) => ({ id, subject }))
      : [],
  )
  return [
    ...new Set(
      confirmed
        .filter(({ id, subject }) => id !== truth.cause || (truth.subject !== null && subject !== truth.subject))
        .map(({ id, subject }) => `${id} ${subject}`),
    ),
  ]
}
