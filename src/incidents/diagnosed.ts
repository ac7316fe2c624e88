import type { Diagnosis, DiagnosedCause } from '../core/diagnosis.ts'
import { canonicalJson } from '../core/json.ts'
import type { Incident } from './incident.ts'
import type { Turn } from './turn.ts'

/** An unknown cause is published before 15 s are over; this leaves time for a round that waits for a dead node. */
const unknownAfterMs = 8_000
/** Evidence may be missing for a round while nodes restart: only what stays away is withdrawn. */
const doubtMs = 3_000

/** While the harm lasts: what the diagnosis of this turn says about the current incident. */
export function diagnosed(turn: Turn, diagnosis: Diagnosis | null): void {
  const started = turn.current
  if (!started) return
  turn.emit({ type: 'diagnosis.started', incident: started.id })
  const known = diagnosis ?? (isDue(turn, started) ? unknown(turn, started) : null)
  if (!known) return
  const first = firstOf(known)
  withdraw(turn, known, first)
  // Before the cause is named: afterwards nobody wants to know what it is not.
  for (const suspect of known.suspects) clear(turn, started, suspect)
  if (isNews(turn, known)) turn.emit({ type: 'diagnosis.finished', incident: started.id, diagnosis: known })
  if (first && !turn.current?.rootCause) turn.emit({ type: 'cause.identified', incident: started.id, diagnosis: known })
}

/** The first cause, where it is more than possible. */
export function firstOf(diagnosis: Diagnosis): DiagnosedCause | null {
  const [first] = diagnosis.causes
  return first && (first.verdict === 'confirmed' || first.verdict === 'probable') ? first : null
}

function clear(turn: Turn, incident: Incident, suspect: Diagnosis['suspects'][number]): void {
  const { id, verdict, measured, limit, unit } = suspect
  if (verdict !== 'ruled-out' || measured === null || limit === null || unit === null) return
  if (turn.current?.ruledOut.includes(id)) return
  turn.emit({ type: 'suspect.ruled-out', incident: incident.id, suspect: id, measured, limit, unit })
}

/** Takes back the cause on record when another one is first, or when it stays away while the harm lasts. */
function withdraw(turn: Turn, diagnosis: Diagnosis, first: DiagnosedCause | null): void {
  const { current, atMs } = turn
  const { rootCause } = current ?? {}
  const stands = rootCause && first && rootCause.id === first.id && rootCause.subject === first.subject
  if (!current || !rootCause || stands) return turn.set({ doubtSinceMs: null })
  const sinceMs = turn.state.doubtSinceMs ?? atMs
  turn.set({ doubtSinceMs: sinceMs })
  if (!first && atMs - sinceMs < doubtMs) return
  const reason = first ? `${first.id} on ${first.subject} comes before it` : reasonWithout(diagnosis, rootCause.id)
  turn.emit({ type: 'cause.withdrawn', incident: current.id, cause: rootCause.id, reason })
  turn.set({ doubtSinceMs: null })
}

function reasonWithout(diagnosis: Diagnosis, id: string): string {
  const verdict = diagnosis.causes.find((cause) => cause.id === id)?.verdict
  return verdict ? `it is only ${verdict} now, and the harm lasts` : 'it is no longer recognised, and the harm lasts'
}

/** Is it the first that can be published, or another answer than the last? */
function isNews(turn: Turn, diagnosis: Diagnosis): boolean {
  const { current } = turn
  if (!current) return false
  if (current.undiagnosedSinceMs !== null) return firstOf(diagnosis) !== null || isDue(turn, current)
  // A cause in doubt is published as gone when it is withdrawn, not before.
  if (turn.state.doubtSinceMs !== null) return false
  return answer(diagnosis) !== answer(current.diagnosis)
}

function answer(diagnosis: Diagnosis | undefined): string {
  const first = diagnosis?.causes[0]
  return canonicalJson([diagnosis?.verdict, first?.id, first?.subject, first?.verdict])
}

const isDue = (turn: Turn, { undiagnosedSinceMs }: Incident): boolean =>
  undiagnosedSinceMs !== null && turn.atMs - undiagnosedSinceMs >= unknownAfterMs

/** What is said when nothing could be diagnosed in time: that much, and not silence. */
const unknown = (turn: Turn, { cluster, findings }: Incident): Diagnosis => ({
  atMs: turn.atMs,
  cluster,
  verdict: 'unknown',
  causes: [],
  effects: [],
  amplifiers: [],
  suspects: [],
  unexplained: [...new Set(findings.filter(({ closedMs }) => closedMs === null).map(({ check }) => check))],
  changes: [],
})
