import { expect, test } from 'vitest'
import type { EventBody } from '../core/event.ts'
import { restore } from './absorb.ts'
import type { PersonEvent } from './event.ts'
import type { Incident } from './incident.ts'
import { step } from './machine.ts'
import { aCause, aDiagnosis } from './testing/make.ts'

type Body = EventBody | PersonEvent
const incident = 'INC-1'
const opened: Body = { type: 'incident.opened', incident, title: 'nobody can log in', severity: 'critical', sinceMs: 5 }
const named: Body = { type: 'cause.identified', incident, diagnosis: aDiagnosis([aCause('config/pool')]) }
const restored: Body = { type: 'service.restored', incident, sinceMs: 40 }

const placed = (bodies: readonly Body[]) =>
  bodies.map((body, index) => ({ ...body, atMs: (index + 1) * 10, seq: index + 1, cluster: 'auth' }))
const fold = (...bodies: readonly Body[]): Incident => {
  const found = restore(placed(bodies)).incidents[incident]
  if (!found) throw new Error('no incident')
  return found
}

test('from the first symptom to the closed review', () => {
  const head = [opened, { type: 'diagnosis.started', incident }, named] as const
  const states = [
    ...head,
    { type: 'mitigation.started', incident, plan: 'p-1' },
    restored,
    { type: 'verification.started', incident },
    { type: 'verification.passed', incident },
    { type: 'review.started', incident, document: 'docs/postmortems/7.md' },
    { type: 'review.finished', incident },
  ] as const
  expect(states.map((_, index) => fold(...states.slice(0, index + 1)).state)).toEqual([
    'detected',
    'diagnosing',
    'cause-identified',
    'mitigating',
    'restored',
    'verifying',
    'resolved',
    'reviewing',
    'closed',
  ])
  expect(fold(...states)).toMatchObject({ openedMs: 10, sinceMs: 5, outages: [{ fromMs: 5, toMs: 40 }] })
  expect(
    fold(...states)
      .timeline.map(({ seq, words }) => `${seq} ${words}`)
      .slice(0, 4),
  ).toEqual([
    '1 nobody can log in',
    '2 diagnosis began',
    '3 cause: config/pool on reports:public.users (confirmed)',
    '4 plan p-1 began',
  ])
})

test('a plan that failed leads back to the cause, where there is one', () => {
  const failed: Body = { type: 'mitigation.failed', incident, plan: 'p-1', reason: 'lock timeout' }
  const begun: readonly Body[] = [
    opened,
    { type: 'diagnosis.started', incident },
    { type: 'mitigation.started', incident, plan: 'p-1' },
  ]
  expect(fold(...begun, failed).state).toBe('diagnosing')
  expect(fold(...begun, named).state).toBe('mitigating')
  expect(fold(...begun, named, failed).state).toBe('cause-identified')
})

test('who acknowledges while the diagnosis runs loses none of it', () => {
  const ack: Body = { type: 'incident.acknowledged', incident, by: 'mira' }
  expect(fold(opened, ack)).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'mira', atMs: 20 } })
  expect(fold(opened, { type: 'diagnosis.started', incident }, named, ack)).toMatchObject({
    state: 'cause-identified',
    acknowledged: { by: 'mira' },
  })
  expect(fold(opened, ack, { ...ack, by: 'jan' }).acknowledged?.by).toBe('mira')
})

test('what is not allowed stands in the timeline and moves nothing', () => {
  const after = fold(opened, { type: 'verification.passed', incident }, opened)
  expect(after.state).toBe('detected')
  expect(after.timeline.map(({ ignored }) => ignored)).toEqual([undefined, true, true])
  expect(() => step(undefined, { ...restored, atMs: 1, cluster: 'auth' })).toThrow('before its incident was opened')
})

test('a corrected time moves its event and the outage that it bounds; the log keeps the first', () => {
  const correction = (event: number, toMs: number): Body => ({
    type: 'time.corrected',
    incident,
    event,
    toMs,
    reason: 'log',
  })
  const base = [
    opened,
    { type: 'diagnosis.started', incident },
    named,
    restored,
    { type: 'symptom.returned', incident },
  ] as const
  expect(fold(...base).outages).toEqual([
    { fromMs: 5, toMs: 40 },
    { fromMs: 50, toMs: null },
  ])
  const after = fold(
    ...base,
    correction(1, 2),
    correction(4, 33),
    correction(5, 44),
    correction(3, 9),
    correction(99, 1),
  )
  expect(after).toMatchObject({
    sinceMs: 2,
    outages: [
      { fromMs: 2, toMs: 33 },
      { fromMs: 44, toMs: null },
    ],
  })
  expect(after.timeline.slice(0, 2).map(({ seq }) => seq)).toEqual([1, 3])
})
