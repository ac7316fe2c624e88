import { expect, test } from 'vitest'
import { absorb, currentOf } from './absorb.ts'
import { restore } from './decide.ts'
import { aCause, aDiagnosis, aFinding, aWatch, someRules } from './testing/make.ts'

const harm = aFinding({ sinceMs: 1_000 })
const fresh = aFinding({ sinceMs: 1_000, sustained: false })
const touched = aFinding({ check: 'application/touched-tables', subject: 'reports:public.users' })
const failing = aFinding({ check: 'application/outcomes', subject: 'node reports', sustained: false })
const hygiene = aFinding({ check: 'connections/pool-size', subject: 'app1', severity: 'warning' })
const named = aDiagnosis([aCause('replication/publication-incomplete')])

test('a finding that is not harm opens no incident', () => {
  const watch = aWatch()
  expect(watch.turn(1_000, [hygiene, aFinding({ check: 'replication/slot-lost' })])).toEqual([
    'finding.opened',
    'finding.opened',
  ])
  expect(watch.turn(2_000, [])).toEqual(['finding.closed', 'finding.closed'])
  expect(watch.state.current).toBe(null)
})

test('harm opens an incident once it is sustained', () => {
  const watch = aWatch()
  expect(watch.turn(1_000, [fresh])).toEqual(['finding.opened'])
  expect(watch.turn(2_000, [fresh])).toEqual([])
  expect(watch.turn(3_000, [harm])).toEqual(['incident.opened', 'diagnosis.started'])
  expect(watch.events[0]).toMatchObject({
    incident: 'INC-1',
    title: 'nobody can log in on app1',
    severity: 'critical',
    sinceMs: 1_000,
    findings: [{ check: 'application/contract', subject: 'contract login:app1' }],
  })
})

test('users who fail open one sooner where the same cause stands first: the surer it is, the sooner', () => {
  const opensAt = (...diagnoses: readonly ReturnType<typeof aDiagnosis>[]): number | null => {
    const watch = aWatch()
    const turns = diagnoses.map((diagnosis, n) => watch.turn(n * 500, [failing, fresh], diagnosis))
    const at = turns.findIndex((events) => events.includes('incident.opened'))
    return at === -1 ? null : at * 500
  }
  const probable = aDiagnosis([aCause('network/latency', 'probable')])
  const possible = aDiagnosis([aCause('network/latency', 'possible')])
  const other = aDiagnosis([aCause('replication/schema-drift')])
  expect(opensAt(named, named, named, named)).toBe(1_000)
  expect(opensAt(...Array.from({ length: 6 }, () => probable))).toBe(2_000)
  expect(opensAt(...Array.from({ length: 9 }, () => possible))).toBe(null)
  expect(opensAt(named, other, named, other, named, other)).toBe(null)
  expect(opensAt(named, possible, named, named)).toBe(null)
  // Harm that nobody has counted waits, whatever is known.
  const watch = aWatch()
  expect([0, 1_000, 2_000].flatMap((atMs) => watch.turn(atMs, [fresh], named))).toEqual(['finding.opened'])
})

test('what is muted is told, opens no incident and hangs on none; when the mute ends it does', () => {
  const watch = aWatch()
  const muted = { ...harm, muted: { owner: 'ann', reason: 'an old client', untilMs: 3_000 } }
  expect(watch.turn(1_000, [muted])).toEqual(['finding.opened'])
  expect(watch.turn(2_000, [muted, touched])).toEqual(['incident.opened', 'finding.opened', 'diagnosis.started'])
  expect(currentOf(watch.state)?.findings.map(({ check }) => check)).toEqual([touched.check])
  const another = aWatch()
  another.turn(1_000, [muted])
  expect(another.turn(3_000, [harm])).toContain('incident.opened')
})

test('service is restored when all harm has been gone for three seconds, and the diagnosis stays as it was', () => {
  const watch = aWatch()
  watch.turn(0, [harm, touched], named)
  expect(watch.turn(10_000, [touched], named)).toEqual(['finding.closed'])
  expect(watch.turn(11_000, [], aDiagnosis())).toEqual(['finding.closed'])
  expect(watch.turn(12_000, [fresh], aDiagnosis())).toEqual(['finding.opened'])
  expect(watch.turn(13_000, [])).toEqual(['finding.closed'])
  expect(watch.turn(15_000, [])).toEqual([])
  expect(watch.turn(16_000, [])).toEqual(['service.restored'])
  expect(currentOf(watch.state)).toMatchObject({
    state: 'restored',
    outages: [{ fromMs: 0, toMs: 13_000 }],
    diagnosis: named,
    rootCause: { id: 'replication/publication-incomplete' },
  })
})

test('harm that comes back within ten minutes is the same incident, later harm a new one', () => {
  const watch = aWatch()
  watch.turn(0, [harm], named)
  watch.turn(1_000, [])
  watch.turn(4_000, [])
  expect(watch.turn(601_000, [harm], named)).toEqual([
    'symptom.returned',
    'finding.opened',
    'diagnosis.finished',
    'cause.identified',
  ])
  expect(currentOf(watch.state)?.outages).toHaveLength(2)
  watch.turn(602_000, [])
  watch.turn(605_000, [])
  expect(watch.turn(1_202_001, [harm])).toContain('incident.opened')
  expect(watch.state.current).toBe('INC-2')
})

test('what comes up during the incident hangs on it, hygiene does not', () => {
  const watch = aWatch()
  watch.turn(0, [harm], named)
  watch.turn(1_000, [harm, hygiene, touched], named)
  expect(watch.events.map((event) => 'incident' in event && event.incident)).toEqual([false, 'INC-1'])
  const effect = aDiagnosis([aCause('replication/publication-incomplete')], { effects: ['capacity/cpu'] })
  watch.turn(2_000, [harm, hygiene, touched, aFinding({ check: 'capacity/cpu', severity: 'warning' })], effect)
  expect(watch.events).toMatchObject([{ type: 'finding.opened', incident: 'INC-1' }])
})

test('what a person calls a false alarm stays one until it closes; other harm opens an incident', () => {
  const watch = aWatch()
  watch.turn(0, [harm])
  const by = { cluster: 'auth', incident: 'INC-1', by: 'mira' } as const
  watch.state = absorb(watch.state, { ...by, type: 'incident.dismissed', reason: 'a test user', atMs: 500 })
  expect(watch.turn(1_000, [harm])).toEqual([])
  expect(watch.turn(2_000, [harm, touched])).toContain('incident.opened')
  expect(watch.turn(3_000, [harm])).toEqual(['finding.closed'])
  expect(watch.turn(6_000, [harm])).toEqual(['service.restored'])
  watch.turn(700_000, [])
  expect(watch.turn(701_000, [harm])).toContain('incident.opened')
})

test('after a restart the watcher goes on with the same incident', () => {
  const rules = someRules()
  const before = aWatch(rules)
  const log = [0, 1_000, 2_000].flatMap((atMs) => {
    before.turn(atMs, [harm], atMs === 2_000 ? named : aDiagnosis())
    return before.events.map((event) => ({ ...event, atMs, cluster: 'auth' }))
  })
  const after = aWatch(rules, restore(log.map((event, index) => ({ ...event, seq: index + 1 }))))
  // Its own memory of open findings is the watch's: it starts with `stillOpen`.
  expect(after.turn(60_000, [harm], named)).toEqual(['finding.opened'])
  expect(after.turn(61_000, [])).toEqual(['finding.closed'])
  expect(after.turn(64_000, [])).toEqual(['service.restored'])
  expect(Object.keys(after.state.incidents)).toEqual(['INC-1'])
})
