import { describe, expect, test } from 'vitest'
import { t0 } from '../../test/builders.ts'
import type { Change } from '../core/change.ts'
import type { DiagnosedCause, Diagnosis } from '../core/diagnosis.ts'
import type { Event, EventBody } from '../core/event.ts'
import { judge, type Course } from './judge.ts'
import type { Truth } from './scene.ts'

const truth: Truth = {
  cause: 'connection/settings-changed',
  subject: '*app1.env#DB_PORT',
  subjects: ['*app1.env#READ_COPY_URL'],
  trigger: '*app1.env#DB_PORT',
  triggers: ['kind:deployment'],
  also: ['connection/wrong-node'],
  symptom: { codes: ['ECONNREFUSED'], min: 0.25 },
}

/** A second after the trigger, a third of the logins fails. */
const logins = Array.from({ length: 60 }, (_, n) => ({
  atMs: t0 + 1_000 + n * 50,
  instance: `app${1 + (n % 3)}`,
  node: 'primary',
  code: n % 3 === 0 ? 'ECONNREFUSED' : 'ok',
}))

const change = (id: string, object: string, kind: Change['kind'] = 'connection'): Change => ({
  id,
  atMs: t0,
  notBeforeMs: t0,
  kind,
  object,
  before: null,
  after: 'x',
  source: 'file',
})

const cause = (fields: Partial<DiagnosedCause> = {}): DiagnosedCause => ({
  id: truth.cause,
  subject: '/tmp/lab/app1.env#DB_PORT',
  verdict: 'confirmed',
  evidence: [],
  explains: [],
  remedy: { words: '', commands: [] },
  ...fields,
})

const diagnosis = (causes: readonly DiagnosedCause[], changes: readonly Change[] = []): Diagnosis => ({
  atMs: t0,
  cluster: 'auth',
  verdict: 'confirmed',
  causes,
  effects: [],
  amplifiers: [],
  suspects: [],
  unexplained: [],
  changes,
})

const said = (bodies: readonly EventBody[]): readonly Event[] =>
  bodies.map((body, n) => ({ ...body, seq: n + 1, atMs: t0 + 2_000 + n, cluster: 'auth' }))

const identified = (causes: readonly DiagnosedCause[], changes?: readonly Change[]): EventBody => ({
  type: 'cause.identified',
  incident: 'i1',
  diagnosis: diagnosis(causes, changes),
})

const judged = (bodies: readonly EventBody[], fields: Partial<Course> = {}) =>
  judge({ truth, triggeredMs: t0, events: said(bodies), logins, diagnosis: null, ...fields })

describe('what was named', () => {
  test('is right with the subject wherever the lab lies, and with any of those that are as right', () => {
    const first = judged([identified([cause()])])
    expect(first).toMatchObject({ verdict: 'right', named: { ms: 2_000, correct: true }, wronglyConfirmed: [] })
    const other = judged([identified([cause({ subject: '/x/app1.env#READ_COPY_URL' })])])
    expect(other.named.correct).toBe(true)
  })

  test('is wrong with another subject, and that was a wrong confirmation', () => {
    const wrong = judged([identified([cause({ subject: '/x/app2.env#DB_PORT' })])])
    expect(wrong).toMatchObject({
      verdict: 'wrong',
      named: { ms: null, correct: false },
      wronglyConfirmed: ['connection/settings-changed /x/app2.env#DB_PORT'],
    })
  })

  test('may be named beside the truth, and does not stand for it', () => {
    const also = cause({ id: 'connection/wrong-node', subject: 'copy' })
    expect(judged([identified([also])])).toMatchObject({ verdict: 'also', named: { correct: false } })
    expect(judged([identified([cause(), also])])).toMatchObject({ wronglyConfirmed: [], named: { correct: true } })
  })

  test('is not right once something wrong was confirmed, even if it was taken back', () => {
    const crash = cause({ id: 'server/crash', subject: 'primary' })
    const both = judged([identified([crash]), identified([cause()])])
    expect(both).toMatchObject({ verdict: 'right', wronglyConfirmed: ['server/crash primary'] })
    expect(both.named.correct).toBe(false)
  })

  test('is nothing where only a possible cause stood there', () => {
    const only = diagnosis([cause({ verdict: 'possible' })])
    expect(judged([], { diagnosis: only })).toMatchObject({
      verdict: 'nothing',
      named: { cause: null, correct: false },
    })
  })
})

describe('the trigger', () => {
  const right = change('c1', '/x/app1.env#DB_PORT')
  const unrelated = change('c2', 'primary:public.orders', 'schema')
  const deployed = change('c3', 'v2', 'deployment')
  test.each([
    ['right', cause({ trigger: 'c1' }), true],
    ['right', cause({ trigger: 'c3' }), true],
    ['listed', cause({ triggers: ['c2', 'c1'] }), true],
    ['open', cause(), true],
    ['wrong', cause({ trigger: 'c2' }), false],
  ])('is %s', (verdict, named, correct) => {
    const result = judged([identified([named], [right, unrelated, deployed])])
    expect(result.trigger).toBe(verdict)
    expect(result.named.correct).toBe(correct)
  })

  test('may not be named where nothing was changed', () => {
    const none = { ...truth, trigger: null, triggers: [] }
    expect(judged([identified([cause({ trigger: 'c1' })], [right])], { truth: none }).trigger).toBe('wrong')
  })
})

describe('a drill that did not happen', () => {
  test('counts for nothing, whatever was named', () => {
    const well = logins.map((login) => ({ ...login, code: 'ok' }))
    const result = judged([identified([cause()])], { logins: well })
    expect(result).toMatchObject({ verdict: 'right', harm: { happened: false }, named: { correct: false } })
  })
})

describe('what was noticed', () => {
  const finding = (check: string, severity: 'warning' | 'error') => ({
    check,
    subject: 'primary',
    severity,
    sinceMs: t0,
    sustained: true,
    message: '',
    evidence: {},
    remedy: '',
  })
  const early: EventBody = { type: 'finding.opened', finding: finding('connections/contract', 'error') }
  const opened: EventBody = { type: 'incident.opened', incident: 'i1', title: '', severity: 'error', sinceMs: t0 }
  test('counts from the first failed login to the first finding of an incident', () => {
    const warned: EventBody = { type: 'finding.opened', finding: finding('a/b', 'warning'), incident: 'i1' }
    const joined: EventBody = { type: 'finding.opened', finding: finding('c/d', 'error'), incident: 'i1' }
    expect(judged([warned, joined]).noticed).toEqual({ ms: 1_001, by: 'c/d' })
  })

  test('a finding that was open before its incident noticed it, one that belongs to none did not', () => {
    expect(judged([early, opened]).noticed.by).toBeNull()
    const findings = [{ check: 'connections/contract', subject: 'primary' }]
    expect(judged([early, { ...opened, findings }]).noticed).toEqual({ ms: 1_000, by: 'connections/contract' })
  })

  test('a finding that is no harm and that the right diagnosis does not explain has not noticed it', () => {
    const joined: EventBody = { type: 'finding.opened', finding: finding('c/d', 'error'), incident: 'i1' }
    const hygiene: EventBody = { ...joined, finding: { ...finding('a/b', 'error'), node: 'standby' } }
    const named = identified([cause()])
    if (named.type !== 'cause.identified') throw new Error('it names a cause')
    const unexplained = { ...named, diagnosis: { ...named.diagnosis, unexplained: ['a/b on standby'] } }
    const result = judged([hygiene, joined, unexplained])
    expect(result.noticed.by).toBe('c/d')
    expect(result.caughtBy.map(({ check }) => check)).toEqual(['c/d'])
    if (hygiene.type !== 'finding.opened') throw new Error('it opens a finding')
    const harm: EventBody = { ...hygiene, finding: { ...hygiene.finding, severity: 'critical' } }
    expect(judged([harm, joined, unexplained]).noticed.by).toBe('a/b')
    expect(judged([hygiene, joined]).caughtBy.map(({ check }) => check)).toEqual(['a/b', 'c/d'])
  })
})

describe('where nothing is wrong', () => {
  const healthy: Truth = { cause: 'healthy', subject: null, trigger: null, symptom: { max: 0.02 } }
  const well = logins.map((login) => ({ ...login, code: 'ok' }))
  test('no incident may be opened', () => {
    expect(judged([], { truth: healthy, logins: well }).named.correct).toBe(true)
    const opened: EventBody = { type: 'incident.opened', incident: 'i1', title: '', severity: 'error', sinceMs: t0 }
    const alarmed = judged([opened], { truth: healthy, logins: well })
    expect(alarmed).toMatchObject({ incidents: 1, named: { correct: false } })
    expect(judged([], { truth: healthy }).named.correct).toBe(false)
  })
})
