import type { Change } from '../core/change.ts'
import type { DiagnosedCause, Diagnosis } from '../core/diagnosis.ts'
import type { DrillResult } from '../core/drill.ts'
import type { Event } from '../core/event.ts'
import type { Finding } from '../core/finding.ts'
import { atLeast } from '../core/severity.ts'
import { measureHarm, type Harm } from './harm.ts'
import { failuresSince, type Login } from './logins.ts'
import type { Accepted, Truth } from './scene.ts'

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
  readonly harm: Harm
  /** First failed login after the trigger; null where nobody was hurt. */
  readonly harmMs: number | null
  /** Findings of its incident in the order in which they opened, each with its time after the first failed login. */
  readonly caughtBy: readonly { readonly check: string; readonly ms: number | null }[]
  /** When the truth was first named. */
  readonly namedMs: number | null
  /** What stood first when something was named: the truth, what may stand beside it, or something else. */
  readonly verdict: 'right' | 'also' | 'wrong' | 'nothing'
  /** The true change was named as the trigger, is one of its candidates, or another was named; `open` where none was. */
  readonly trigger: 'right' | 'listed' | 'open' | 'wrong'
  /** Causes that were said to be confirmed and are not the truth: our worst bug. */
  readonly wronglyConfirmed: readonly string[]
  /** Opened since the trigger. */
  readonly incidents: number
}

/** Compares what was said with what is true. Pure. */
export function judge(course: Course): Judgement {
  const { truth, triggeredMs, events, logins, diagnosis } = course
  const harmMs = failuresSince(logins, triggeredMs)[0]?.atMs ?? null
  const after = events.filter(({ atMs }) => atMs >= triggeredMs)
  const named = after.filter((event) => event.type === 'cause.identified')
  const right = named.find((event) => isRight(event.diagnosis.causes[0], truth))
  const last = right?.diagnosis ?? named.at(-1)?.diagnosis ?? diagnosis
  const cause = last?.causes[0]
  const caught = belonging(after, right?.diagnosis ?? null)
  const [first] = caught
  // A finding that came before the first failed login noticed it at once.
  const sinceHarm = (event: Opened): number | null => (harmMs === null ? null : Math.max(0, event.atMs - harmMs))
  const isNamed = cause !== undefined && (cause.verdict === 'confirmed' || cause.verdict === 'probable')
  const judged = {
    harm: measureHarm(logins, triggeredMs, truth.symptom),
    verdict: isNamed ? verdictOf(cause, truth) : ('nothing' as const),
    trigger: isNamed ? triggerOf(cause, last?.changes ?? [], truth) : ('open' as const),
    wronglyConfirmed: wrongly(after, truth),
  }
  return {
    ...judged,
    incidents: after.filter(({ type }) => type === 'incident.opened').length,
    harmMs,
    namedMs: right?.atMs ?? null,
    noticed: { ms: first ? sinceHarm(first) : null, by: first?.finding.check ?? null },
    caughtBy: caught.map((event) => ({ check: event.finding.check, ms: sinceHarm(event) })),
    named: {
      ms: right ? right.atMs - triggeredMs : null,
      cause: isNamed ? cause.id : null,
      subject: isNamed ? cause.subject : null,
      trigger: isNamed ? (cause.trigger ?? null) : null,
      correct: isCorrect(judged, truth, after),
    },
    suspects: last?.suspects ?? [],
  }
}

type Opened = Extract<Event, { readonly type: 'finding.opened' }>

/**
 * Findings of an incident, in order: those that joined it, and those that were open before it and belong to it. What is no harm
 * itself and the right diagnosis leaves unexplained, a harmless change of access rules say, has not noticed the outage.
 */
export function belonging(after: readonly Event[], right: Diagnosis | null): readonly Opened[] {
  const before = after.flatMap((event) => (event.type === 'incident.opened' ? (event.findings ?? []) : []))
  const isBeside = ({ severity, check, node }: Finding): boolean =>
    severity !== 'critical' && right?.unexplained.includes(node === undefined ? check : `${check} on ${node}`) === true
  return after
    .filter((event) => event.type === 'finding.opened')
    .filter(
      ({ finding, incident }) =>
        atLeast(finding.severity, 'error') &&
        !isBeside(finding) &&
        (incident !== undefined ||
          before.some(({ check, subject }) => check === finding.check && subject === finding.subject)),
    )
}

/** What did not happen was not found, whatever was said; and one wrong confirmation spoils the best diagnosis. */
function isCorrect(
  { harm, verdict, trigger, wronglyConfirmed }: Pick<Judgement, 'harm' | 'verdict' | 'trigger' | 'wronglyConfirmed'>,
  truth: Truth,
  after: readonly Event[],
): boolean {
  if (!harm.happened || wronglyConfirmed.length > 0) return false
  if (truth.cause === 'healthy') return !after.some(({ type }) => type === 'incident.opened')
  if (truth.cause === 'unknown') return !after.some(({ type }) => type === 'cause.identified')
  // A trigger may be left open where two changes fit; a wrong one may not.
  return verdict === 'right' && trigger !== 'wrong'
}

/** Does a subject that was named stand among those that are right? */
export const isAccepted = (named: string, accepted: readonly Accepted[]): boolean =>
  accepted.some((one) => (one.startsWith('*') ? named.endsWith(one.slice(1)) : named === one))

/** Where the truth has no subject, any is right. */
const isSubject = (named: string, { subject, subjects = [] }: Truth): boolean =>
  subject === null || isAccepted(named, [subject, ...subjects])

const isRight = (cause: DiagnosedCause | undefined, truth: Truth): boolean =>
  cause !== undefined && cause.id === truth.cause && isSubject(cause.subject, truth)

function verdictOf(cause: DiagnosedCause, truth: Truth): Judgement['verdict'] {
  if (isRight(cause, truth)) return 'right'
  return truth.also?.includes(cause.id) ? 'also' : 'wrong'
}

function triggerOf(cause: DiagnosedCause, changes: readonly Change[], truth: Truth): Judgement['trigger'] {
  const accepted = [...(truth.trigger === null ? [] : [truth.trigger]), ...(truth.triggers ?? [])]
  const isTrue = (id: string): boolean => {
    const change = changes.find((each) => each.id === id)
    return change !== undefined && (isAccepted(change.object, accepted) || accepted.includes(`kind:${change.kind}`))
  }
  if (cause.trigger !== undefined) return isTrue(cause.trigger) ? 'right' : 'wrong'
  return cause.triggers?.some(isTrue) ? 'listed' : 'open'
}

function wrongly(events: readonly Event[], truth: Truth): readonly string[] {
  const confirmed = events.flatMap((event) =>
    event.type === 'cause.identified' || event.type === 'diagnosis.finished'
      ? event.diagnosis.causes.filter(({ verdict }) => verdict === 'confirmed')
      : [],
  )
  return [
    ...new Set(
      confirmed.filter((cause) => verdictOf(cause, truth) === 'wrong').map(({ id, subject }) => `${id} ${subject}`),
    ),
  ]
}
