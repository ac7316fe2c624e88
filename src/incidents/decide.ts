import type { Diagnosis } from '../core/diagnosis.ts'
import type { EventBody } from '../core/event.ts'
import type { Finding } from '../core/finding.ts'
import { isActive, noIncidents, restore, type Decisions } from './absorb.ts'
import { diagnosed, firstOf } from './diagnosed.ts'
import { belongs, hurts, isCounted, mayHurt, unspoken, type HarmRules } from './harm.ts'
import { sameFinding } from './parts.ts'
import { Turn } from './turn.ts'

export { noIncidents, restore, type Decisions }

/** What one round of the watch has settled. */
export interface Settled {
  readonly atMs: number
  readonly opened: readonly Finding[]
  readonly closed: readonly Finding[]
  /** All that is open now, those that could not be looked at included. */
  readonly open: readonly Finding[]
  readonly diagnosis: Diagnosis | null
}

export interface Rules {
  readonly cluster: string
  readonly harm: HarmRules
  /** A name for the next incident. It is asked only when one is opened. */
  readonly newId: () => string
}

/**
 * How long one cause must stand first while users fail before they are taken to be more than a hiccup; where none is named, as
 * long as the check says.
 */
const knownForMs = { confirmed: 1_000, probable: 2_000 } as const

/** Harm must be gone for this long before it counts as over. */
const restoredAfterMs = 3_000
/** Harm that comes back within this time is the same outage. */
const returnsWithinMs = 600_000

/**
 * One turn: what was settled, and what is known, make events. They are all that the watch has to write about findings and
 * incidents, each is allowed by the machine from where its incident stands, and `state` has them absorbed already. What
 * others append (a person's `incident ack`) is given to `absorb` before the next turn.
 */
export function decide(
  before: Decisions,
  settled: Settled,
  rules: Rules,
): { readonly state: Decisions; readonly events: readonly EventBody[] } {
  const turn = new Turn(before, rules.cluster, settled.atMs)
  for (const finding of settled.closed) close(turn, finding)
  const open = unspoken(settled.open, turn.state)
  const harming = isKnown(turn, settled.diagnosis, open, rules.harm) ? isCounted : hurts
  if (open.some((finding) => harming(finding, rules.harm))) begin(turn, settled, open, rules)
  for (const finding of settled.opened) attach(turn, finding, settled.diagnosis, rules.harm)

  const harm = open.some((finding) => mayHurt(finding, rules.harm))
  if (!isActive(turn.current)) turn.set({ clearSinceMs: null, doubtSinceMs: null })
  else if (harm) {
    turn.set({ clearSinceMs: null })
    diagnosed(turn, settled.diagnosis)
  } else end(turn)
  return { state: turn.state, events: turn.events }
}

function close(turn: Turn, finding: Finding): void {
  const holds = turn.incidents.find(({ findings }) =>
    findings.some((other) => other.closedMs === null && sameFinding(other, finding)),
  )
  turn.emit({ type: 'finding.closed', finding, ...(holds && { incident: holds.id }) })
}

function attach(turn: Turn, finding: Finding, diagnosis: Diagnosis | null, harm: HarmRules): void {
  const { current } = turn
  const hangs = current !== null && isActive(current) && belongs(finding, diagnosis, harm)
  turn.emit({ type: 'finding.opened', finding, ...(hangs && { incident: current.id }) })
}

/** Users fail, and the cause has stood first for as long as its verdict asks. */
function isKnown(turn: Turn, diagnosis: Diagnosis | null, open: readonly Finding[], harm: HarmRules): boolean {
  if (diagnosis === null) return false
  const first = open.some((finding) => isCounted(finding, harm)) ? firstOf(diagnosis) : null
  if (first === null) {
    turn.set({ suspected: null })
    return false
  }
  const { suspected } = turn.state
  const isSame = suspected?.cause === first.id && suspected.subject === first.subject
  const sinceMs = isSame ? suspected.sinceMs : turn.atMs
  turn.set({ suspected: { cause: first.id, subject: first.subject, sinceMs } })
  return turn.atMs - sinceMs >= (first.verdict === 'confirmed' ? knownForMs.confirmed : knownForMs.probable)
}

/** Harm while no incident goes on: the last one, where it ended a moment ago, or a new one. */
function begin(turn: Turn, settled: Settled, open: readonly Finding[], rules: Rules): void {
  const { current } = turn
  if (isActive(current)) return
  const endedMs = current?.outages.at(-1)?.toMs
  const recent = typeof endedMs === 'number' && settled.atMs - endedMs <= returnsWithinMs
  if (current && recent && turn.emit({ type: 'symptom.returned', incident: current.id })) return

  const harm = open.filter((finding) => hurts(finding, rules.harm) || isCounted(finding, rules.harm))
  const attached = open
    .filter((finding) => !settled.opened.includes(finding) && belongs(finding, settled.diagnosis, rules.harm))
    .map(({ check, subject }) => ({ check, subject }))
  turn.emit({
    type: 'incident.opened',
    incident: rules.newId(),
    title: harm[0]?.message ?? '',
    severity: 'critical',
    sinceMs: Math.min(...harm.map(({ sinceMs }) => sinceMs)),
    findings: attached,
  })
}

function end(turn: Turn): void {
  const sinceMs = turn.state.clearSinceMs ?? turn.atMs
  turn.set({ clearSinceMs: sinceMs, doubtSinceMs: null })
  const { current } = turn
  if (!current || turn.atMs - sinceMs < restoredAfterMs) return
  if (turn.emit({ type: 'service.restored', incident: current.id, sinceMs })) turn.set({ clearSinceMs: null })
}
