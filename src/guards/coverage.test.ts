import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Proof } from '../core/proof.ts'
import { coverage, percentProven, proofLastsMs } from './coverage.ts'
import { atMs, check, facts, outage, proof } from './testing/outage.ts'

const detect = (proofs: readonly Proof[], guards: readonly string[] = [check]) => {
  const [covered] = coverage([outage(...guards)], proofs, facts)
  if (!covered) throw new Error('no outage')
  return covered.cells.detect
}

describe('a cell', () => {
  test('is open while no measure names a guard, and says where guards are found', () => {
    expect(detect([], [])).toMatchObject({ state: 'open', guard: null, next: 'antemortem check --list' })
  })

  test('is open while its guard does not exist', () => {
    expect(detect([proof({ guard: 'check:a/b' })], ['check:a/b'])).toMatchObject({
      state: 'open',
      why: 'there is no check:a/b',
    })
  })

  test('is armed until its guard was seen to catch the outage', () => {
    expect(detect([])).toMatchObject({ state: 'armed', guard: check, atMs: null, next: 'antemortem drill run 0' })
  })

  test('is proven by a run that hurt without the guard and not with it', () => {
    expect(detect([proof()])).toEqual({
      state: 'proven',
      guard: check,
      atMs: atMs - 1000,
      figures: { ms: 1400 },
      why: null,
      next: null,
    })
  })

  test.each<[string, Partial<Proof>]>([
    ['of another outage', { outage: '1' }],
    ['of another cell', { cell: 'prevent' }],
    ['of another guard', { guard: 'check:replication/lag-time' }],
    ['in which nothing hurt', { harmWithout: false }],
    ['in which the guard was silent', { caughtWith: false, ok: false }],
  ])('is not proven by a run %s', (_, over) => {
    expect(detect([proof(over)]).state).toBe('armed')
  })

  test.each<[string, Partial<Proof>, RegExp]>([
    [
      'the newest run was not caught',
      { atMs: atMs - 1, caughtWith: false, ok: false },
      /did not catch it in the last drill/,
    ],
    ['it is older than 90 days', { atMs: atMs - proofLastsMs - 1 }, /90 days old/],
    ['another version proved it', { program: '0.9.0' }, /proven with 0\.9\.0, and this is 1\.0\.0/],
    ['its clock was wrong', { atMs: atMs + proofLastsMs }, /future/],
  ])('regresses when %s', (_, over, why) => {
    const before = proof({ atMs: atMs - 2 * proofLastsMs })
    const cell = detect([before, proof(over)])
    expect(cell).toMatchObject({ state: 'regressed', next: 'antemortem drill run 0' })
    expect(cell.why).toMatch(why)
  })

  test('is not lost by a later run that hurt nobody', () => {
    expect(detect([proof(), proof({ atMs, harmWithout: false, caughtWith: false, ok: false })]).state).toBe('proven')
  })

  test('takes the best of its guards', () => {
    expect(detect([proof()], ['check:a/b', check])).toMatchObject({ state: 'proven', guard: check })
  })

  test('is given up only by a measure that says so', () => {
    expect(detect([], ['none:detect-nobody-can-see-it'])).toMatchObject({ state: 'not-applicable', next: null })
  })
})

test('a proof never makes anything worse than having none, and no order of proofs matters', () => {
  const proofs = fc.array(
    fc
      .record({ age: fc.nat({ max: 200 }), harmWithout: fc.boolean(), caughtWith: fc.boolean(), ok: fc.boolean() })
      .map(({ age, ...rest }) => proof({ ...rest, atMs: atMs - age * 86_400_000 })),
  )
  const stable = fc.property(proofs, (some) => {
    const unique = [...new Map(some.map((one) => [one.atMs, one])).values()]
    const state = detect(unique).state
    return state !== 'open' && detect(unique.toReversed()).state === state
  })
  expect(fc.check(stable)).toMatchObject({ failed: false })
})

test('the share proven is of the cells that can be, and nothing proves nothing', () => {
  const guards = outage('gate:replication/table-not-carried', check, 'none:recover', 'drill:0')
  const covered = coverage([guards], [proof()], facts)
  expect(percentProven(covered)).toBe(25)
  expect(
    percentProven(coverage([outage(check, 'none:recover', 'none:diagnose', 'none:prevent')], [proof()], facts)),
  ).toBe(100)
  expect(percentProven([])).toBe(0)
})
