import { describe, expect, test } from 'vitest'
import type { KeptRun } from './kept-runs.ts'
import { failuresOf, reasonsOf, rowOf, rowsOf } from './outages-table.ts'
import { isInTime, timesOf } from './outages-times.ts'

const run = (fields: Partial<KeptRun> = {}): KeptRun => ({
  id: '2',
  seed: 1,
  truth: 'cause',
  notHappened: null,
  atOnce: 2,
  without: '',
  right: true,
  cause: 'connection/settings-changed',
  trigger: 'right',
  triggerNamed: 'chg-1',
  wronglyConfirmed: [],
  incidents: 1,
  notTested: [],
  unexplained: [],
  noticedMs: 500,
  namedMs: 2_500,
  namedAfterHarmMs: 2_000,
  ...fields,
})

describe('a row', () => {
  test('gives the times of who had everything, and none of who watched beside it', () => {
    expect(rowOf('', '2', [run()]).slice(-2)).toEqual(['500 / 500 / 500', '2000 / 2000 / 2000'])
    expect(rowOf('log', '2', [run({ without: 'log' })]).slice(-2)).toEqual(['–', '–'])
  })

  test('gives the times of what had the least beside it on its machine', () => {
    const busy = run({ atOnce: 3, noticedMs: 9_000, namedAfterHarmMs: 9_000 })
    expect(rowOf('', '2', [busy, run()]).slice(-2)).toEqual(['500 / 500 / 500', '2000 / 2000 / 2000'])
  })

  test('counts incidents only where nothing is wrong', () => {
    const healthy = run({ id: 'd6', truth: 'healthy', cause: null, incidents: 0 })
    expect(rowOf('', 'all', [run(), healthy])[6]).toBe('0')
    expect(rowOf('', 'all', [run({ incidents: 3 })])[6]).toBe('–')
    expect(rowOf('', 'all', [{ ...healthy, incidents: 2 }])[6]).toBe('**2**')
  })

  test('of its own has each drill with everything, and with less only what was not always named', () => {
    const runs = [run(), run({ without: 'log' }), run({ without: 'log', id: '4', right: false })]
    expect(rowsOf('', runs, ['2', '4']).map(([, drill]) => drill)).toEqual(['all', '2'])
    expect(rowsOf('log', runs, ['2', '4']).map(([, drill]) => drill)).toEqual(['all', '4'])
  })
})

describe('what may not be', () => {
  test.each([
    ['nothing named with everything', run({ right: false, cause: null })],
    ['a wrong trigger with less', run({ without: 'log', trigger: 'wrong' })],
    ['something wrong confirmed with less', run({ without: 'log', right: false, wronglyConfirmed: ['a b'] })],
    ['an incident where nothing is wrong', run({ without: 'files', truth: 'healthy', incidents: 1 })],
    ['a suspect with neither number nor reason', run({ unexplained: ['load'] })],
  ])('is %s', (_, one) => {
    expect(failuresOf([one])).toHaveLength(1)
  })

  test('is not: less sure with less', () => {
    expect(failuresOf([run({ without: 'log', right: false, cause: null, trigger: 'open' })])).toEqual([])
  })

  test('is told with the command that runs it again', () => {
    expect(failuresOf([run({ without: 'log', trigger: 'wrong', seed: 7 })])[0]).toContain(
      '`drill run 2 --seed 7 --without log`',
    )
  })
})

describe('times', () => {
  test('are of the watcher with everything, by group, each against what was asked', () => {
    const late = run({ id: 'd3', namedAfterHarmMs: 7_000, namedMs: 9_000 })
    const table = timesOf([run(), late, run({ without: 'log', namedAfterHarmMs: 90_000 })])
    expect(table).toContain(
      '| outages and their variants, with the log | 1 of 1 | 500 / 500 / 500 | 2000 | 2000 / 2000 / 2000 | 3000 |',
    )
    expect(table).toContain('| d3, d10 | 1 of 1 | 500 / 500 / 500 | 2000 | 7000 / 7000 / 7000 | 8000 |')
    expect(isInTime([run(), late])).toBe(true)
  })

  test('are too long when 95 of 100 are', () => {
    const slow = run({ namedAfterHarmMs: 3_500 })
    expect(isInTime([slow])).toBe(false)
    expect(timesOf([slow])).toContain('**3500 / 3500 / 3500**')
    expect(isInTime([slow, ...Array.from({ length: 19 }, () => run())])).toBe(true)
  })

  test('of what was named before anybody was hurt are 0', () => {
    expect(timesOf([run({ namedAfterHarmMs: -300 })])).toContain('| 0 / 0 / 0 |')
  })
})

test('reasons that differ only in nodes are told once, with how often', () => {
  const why = (node: string): KeptRun =>
    run({ notTested: [`application-code: the same code works on the other nodes: what differs is ${node}`] })
  expect(reasonsOf([why('north'), why('db1'), run({ notTested: ['load: no band was learned'] })])).toEqual([
    '2 × application-code: the same code works on the other nodes: what differs is db1',
    '1 × load: no band was learned',
  ])
})
