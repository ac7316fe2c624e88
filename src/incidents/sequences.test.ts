import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventBody } from '../core/event.ts'
import type { Finding } from '../core/finding.ts'
import { absorb, currentOf, isActive } from './absorb.ts'
import { noIncidents, restore } from './decide.ts'
import type { Decisions } from './decide.ts'
import type { LogEvent, PersonEvent } from './event.ts'
import { hurts, mayHurt } from './harm.ts'
import { aCause, aDiagnosis, aFinding, aSuspect, aWatch, someRules } from './testing/make.ts'
import { transitionOf } from './transitions.ts'

const findings: readonly Finding[] = [
  aFinding(),
  aFinding({ sustained: false, subject: 'contract login:app2' }),
  aFinding({ check: 'application/touched-tables', sustained: false }),
  aFinding({ check: 'replication/slot-lost' }),
  aFinding({ check: 'connections/pool-size', severity: 'warning' }),
]
const { harm } = someRules()
const a = aCause('replication/publication-incomplete', 'probable')
const suspects = [aSuspect('network'), aSuspect('load')]
const diagnoses = [
  null,
  aDiagnosis(),
  aDiagnosis([], { verdict: 'healthy' }),
  aDiagnosis([{ ...a, verdict: 'possible' }], { suspects }),
  aDiagnosis([a], { suspects: [aSuspect('network', 'implicated')] }),
  aDiagnosis([aCause(a.id)], { suspects }),
  aDiagnosis([aCause('config/pool'), a], { suspects }),
]

const turn = (longest: number) =>
  fc.record({
    afterMs: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 3_000 }) },
      fc.integer({ min: 1, max: longest }),
    ),
    open: fc.subarray([...findings]),
    diagnosis: fc.constantFrom(...diagnoses),
  })

const incident = fc.constantFrom('INC-1', 'INC-2', 'INC-3')
const person: fc.Arbitrary<EventBody | PersonEvent> = fc
  .record({ incident, by: fc.constant('mira') })
  .chain(({ incident, by }) =>
    fc.constantFrom<EventBody | PersonEvent>(
      { type: 'incident.acknowledged', incident, by },
      { type: 'incident.escalated', incident, to: 'on-call' },
      { type: 'incident.dismissed', incident, by, reason: 'a test' },
      { type: 'incident.reopened', incident, reason: 'again' },
      { type: 'symptom.confirmed', incident, by },
      { type: 'incident.merged', incident, into: 'INC-1' },
      { type: 'incident.merged', incident, into: 'INC-3' },
      { type: 'mitigation.started', incident, plan: 'p-1' },
      { type: 'mitigation.failed', incident, plan: 'p-1', reason: 'lock timeout' },
      { type: 'verification.started', incident },
      { type: 'verification.passed', incident },
      { type: 'verification.failed', incident, reason: 'rows differ' },
      { type: 'review.started', incident, document: '7.md' },
      { type: 'review.finished', incident },
      { type: 'note.added', incident, by, text: 'looking' },
    ),
  )

/** Is every event allowed by the machine from where its incident stands, one after the other? */
function illegal(before: Decisions, bodies: readonly EventBody[], atMs: number): readonly string[] {
  const found: string[] = []
  let state = before
  for (const body of bodies) {
    const free = body.type === 'finding.opened' || body.type === 'finding.closed' || !('incident' in body)
    const from = free ? null : (state.incidents[body.incident ?? '']?.state ?? null)
    if (!free && !transitionOf(from, body.type)) found.push(`${body.type} from ${from}`)
    state = absorb(state, { ...body, atMs, cluster: 'auth' })
  }
  return found
}

test('whatever happens, and whoever meddles, every event is allowed, and a restart finds the same state', () => {
  const acts = fc.array(fc.oneof({ weight: 3, arbitrary: turn(700_000) }, person), { maxLength: 60 })
  fc.assert(
    fc.property(acts, (acts) => {
      const watch = aWatch(someRules(), noIncidents)
      const log: LogEvent[] = []
      let atMs = 0
      for (const act of acts) {
        if ('type' in act) {
          log.push({ ...act, atMs, cluster: 'auth' })
          watch.state = absorb(watch.state, { ...act, atMs, cluster: 'auth' })
          continue
        }
        atMs += act.afterMs
        const before = watch.state
        watch.turn(atMs, act.open, act.diagnosis)
        expect(illegal(before, watch.events, atMs)).toEqual([])
        log.push(...watch.events.map((event) => ({ ...event, atMs, cluster: 'auth' })))
      }
      const { incidents, current } = restore(log)
      expect({ incidents, current }).toEqual({ incidents: watch.state.incidents, current: watch.state.current })
    }),
    { numRuns: 500 },
  )
})

test('left alone, one incident goes on at a time, is diagnosed in time, and its outages follow each other', () => {
  fc.assert(
    fc.property(fc.array(turn(3_000), { maxLength: 120 }), (turns) => {
      const watch = aWatch()
      const said: unknown[][] = []
      let atMs = 0
      for (const { afterMs, open, diagnosis } of turns) {
        atMs += afterMs
        watch.turn(atMs, open, diagnosis)
        const all = Object.values(watch.state.incidents)
        expect(all.filter(isActive).length).toBeLessThanOrEqual(1)
        const current = currentOf(watch.state)
        if (open.some((finding) => hurts(finding, harm))) said.push([isActive(current), true])
        const [first] = diagnosis?.verdict === 'unknown' ? [] : (diagnosis?.causes ?? [])
        if (first && isActive(current) && open.some((finding) => mayHurt(finding, harm)))
          said.push([current?.rootCause, { id: first.id, subject: first.subject, verdict: first.verdict }])
        for (const { state, undiagnosedSinceMs, ruledOut, outages, causes, rootCause } of all) {
          // 11 s: what is unknown after 8 s is said in the next turn that sees the harm. Over harm that ended, nothing is owed.
          const late =
            undiagnosedSinceMs !== null && atMs - undiagnosedSinceMs > 11_000 && watch.state.clearSinceMs === null
          expect(late && state === 'diagnosing').toBe(false)
          expect(new Set(ruledOut).size).toBe(ruledOut.length)
          const { id, subject, verdict } = causes.at(-1) ?? {}
          expect(rootCause ?? null).toEqual(rootCause ? { id, subject, verdict } : null)
          expect(rootCause ? causes.at(-1)?.withdrawnMs : null).toBe(null)
          const edges = outages.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? atMs])
          expect(edges).toEqual(edges.toSorted((x, y) => x - y))
        }
      }
      // Harm is never without its incident, and a cause that is first is the one on record.
      expect(said.map(([is]) => is)).toEqual(said.map(([, ought]) => ought))
    }),
    { numRuns: 500 },
  )
})
