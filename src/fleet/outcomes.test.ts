import fc from 'fast-check'
import { expect, test } from 'vitest'
import { t0 } from '../../test/builders.ts'
import { outcomesFact, readOutcome, withOutcomes } from './outcomes.ts'

const outcome = (code = 'ok', atMs = t0, instance = 'app1') => ({
  atMs,
  instance,
  node: 'primary',
  code,
  release: null,
})

test('a line is read with its time as text or number; what is none is null', () => {
  const expected = outcome()
  expect(readOutcome('{"at":"2026-03-05T09:04:00.000Z","instance":"app1","node":"primary","code":"ok"}')).toEqual(
    expected,
  )
  expect(
    readOutcome(JSON.stringify({ at: t0, instance: 'app1', node: 'primary', code: 'ok', release: null, ms: 3 })),
  ).toEqual(expected)
  for (const line of [
    '',
    '{',
    '[]',
    '7',
    'null',
    '{"at":"noon","instance":"a","node":"b","code":"c"}',
    '{"at":1,"instance":"a","node":"b"}',
  ])
    expect(readOutcome(line)).toBeNull()
})

test('no text makes the reader throw, and no secret stays in it', () => {
  fc.assert(fc.property(fc.string(), (text) => void readOutcome(text)))
  const line = JSON.stringify({ at: t0, instance: 'app1', node: 'primary', code: 'postgres://app:hunter2@db1/auth' })
  expect(JSON.stringify(readOutcome(line))).not.toContain('hunter2')
})

test('outcomes are counted by second, oldest first, over the last five minutes', () => {
  const seconds = withOutcomes(
    new Map(),
    [outcome('28P01', t0 + 1500), outcome(), outcome(), outcome('ok', t0, 'app2')],
    t0 + 2000,
  )
  expect(outcomesFact(seconds, 0)).toEqual({
    baseline: 0,
    seconds: [
      {
        atMs: t0,
        cells: [
          { instance: 'app1', node: 'primary', code: 'ok', count: 2 },
          { instance: 'app2', node: 'primary', code: 'ok', count: 1 },
        ],
      },
      { atMs: t0 + 1000, cells: [{ instance: 'app1', node: 'primary', code: '28P01', count: 1 }] },
    ],
  })
  expect(outcomesFact(withOutcomes(seconds, [], t0 + 301_000), 0).seconds).toHaveLength(1)
  expect(withOutcomes(seconds, [outcome('ok', t0 + 3_600_000)], t0 + 2000).size).toBe(2)
})

test('counting one by one or all at once is the same, and what was counted before stays as it was', () => {
  const codes = fc.array(fc.tuple(fc.constantFrom('ok', '28P01'), fc.integer({ min: 0, max: 5000 })))
  fc.assert(
    fc.property(codes, (list) => {
      const all = list.map(([code, ms]) => outcome(code, t0 + ms))
      const first = withOutcomes(new Map(), all.slice(0, 2), t0)
      const before = outcomesFact(first, null)
      const step = all.slice(2).reduce((seconds, one) => withOutcomes(seconds, [one], t0), first)
      expect(outcomesFact(step, null)).toEqual(outcomesFact(withOutcomes(new Map(), all, t0), null))
      expect(outcomesFact(first, null)).toEqual(before)
    }),
  )
})

test('an application that writes its error texts as codes does not fill our memory', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => outcome(`error ${i}`))
  const cells = outcomesFact(withOutcomes(new Map(), many, t0), null).seconds[0]?.cells ?? []
  expect(cells.length).toBeLessThan(210)
  expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(10_000)
})
