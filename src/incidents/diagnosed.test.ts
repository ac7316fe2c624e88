import { expect, test } from 'vitest'
import { currentOf } from './absorb.ts'
import { aCause, aDiagnosis, aFinding, aSuspect, aWatch } from './testing/make.ts'

const harm = aFinding({ sinceMs: 1_000 })
const named = aDiagnosis([aCause('replication/publication-incomplete')])

test('a named cause is published in the same turn, after the suspects that it is not', () => {
  const watch = aWatch()
  const suspects = [aSuspect('network'), aSuspect('load', 'implicated'), aSuspect('application-code', 'not-tested')]
  const diagnosis = { ...named, suspects }
  expect(watch.turn(1_000, [harm], diagnosis)).toEqual([
    'incident.opened',
    'finding.opened',
    'diagnosis.started',
    'suspect.ruled-out',
    'diagnosis.finished',
    'cause.identified',
  ])
  expect(watch.events[1]).toMatchObject({ incident: 'INC-1' })
  expect(watch.events[3]).toMatchObject({ suspect: 'network', measured: 3, limit: 250, unit: 'ms' })
  expect(watch.turn(2_000, [harm], diagnosis)).toEqual([])
  expect(currentOf(watch.state)).toMatchObject({
    state: 'cause-identified',
    rootCause: { id: 'replication/publication-incomplete', verdict: 'confirmed' },
  })
})

test('what is unknown is published within 15 s, and again when it is known', () => {
  const watch = aWatch()
  watch.turn(0, [harm])
  const when = Array.from({ length: 15 }, (_, second) => second + 1).filter((second) =>
    watch.turn(second * 1_000, [harm]).includes('diagnosis.finished'),
  )
  expect(when).toEqual([8])
  expect(watch.turn(16_000, [harm], named)).toEqual(['diagnosis.finished', 'cause.identified'])
})

test('without any diagnosis an honest unknown is published in time', () => {
  const watch = aWatch()
  watch.turn(0, [harm], null)
  expect(watch.turn(9_000, [harm], null)).toEqual(['diagnosis.finished'])
  expect(watch.events[0]).toMatchObject({ diagnosis: { verdict: 'unknown', unexplained: ['application/contract'] } })
})

test('a verdict that changes is a new diagnosis, but the cause is not named twice', () => {
  const watch = aWatch()
  watch.turn(0, [harm], aDiagnosis([aCause('config/pool', 'probable')]))
  expect(watch.turn(1_000, [harm], aDiagnosis([aCause('config/pool')]))).toEqual(['diagnosis.finished'])
  expect(currentOf(watch.state)?.rootCause?.verdict).toBe('confirmed')
})

test('another first cause takes the place of the one on record', () => {
  const watch = aWatch()
  watch.turn(0, [harm], aDiagnosis([aCause('config/pool', 'probable')]))
  expect(watch.turn(1_000, [harm], named)).toEqual(['cause.withdrawn', 'diagnosis.finished', 'cause.identified'])
  expect(currentOf(watch.state)?.causes).toMatchObject([
    { id: 'config/pool', withdrawnMs: 1_000 },
    { id: 'replication/publication-incomplete', withdrawnMs: null },
  ])
})

test('a cause that stays away while the harm lasts is withdrawn; one that blinks is not', () => {
  const watch = aWatch()
  watch.turn(0, [harm], named)
  expect(watch.turn(1_000, [harm])).toEqual([])
  expect(watch.turn(2_000, [harm], named)).toEqual([])
  expect(watch.turn(3_000, [harm])).toEqual([])
  expect(watch.turn(6_000, [harm])).toEqual(['cause.withdrawn', 'diagnosis.finished'])
  expect(watch.events[0]).toMatchObject({ reason: 'it is no longer recognised, and the harm lasts' })
  expect(currentOf(watch.state)).toMatchObject({ state: 'diagnosing' })
})
