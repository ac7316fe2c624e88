import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { KeptRuns, type KeptOutage } from './kept-runs.ts'

const directory = mkdtempSync(join(tmpdir(), 'antemortem-kept-'))
afterAll(() => rmSync(directory, { recursive: true }))

const outage = (id: string, seed: number): KeptOutage => ({
  id,
  seed,
  truth: 'cause',
  notHappened: null,
  atOnce: 2,
  watched: ['log', ''].map((without) => ({
    without,
    right: true,
    cause: 'a/b',
    trigger: 'right',
    triggerNamed: 'chg-1',
    wronglyConfirmed: [],
    incidents: 1,
    notTested: [],
    unexplained: [],
    noticedMs: null,
    namedMs: 1,
    namedAfterHarmMs: null,
  })),
})

test('what is interrupted goes on with whole outages, in one order whatever ended first', () => {
  const first = new KeptRuns('one', directory)
  first.add(outage('2', 2))
  first.add(outage('2', 1))
  first.add(outage('1', 1))
  appendFileSync(join(directory, 'outages-one.ndjson'), '{"id":"1","seed":2,"tru')
  const again = new KeptRuns('one', directory)
  expect(again.has({ id: '1', seed: 2 })).toBe(false)
  again.add(outage('1', 2))
  expect(new KeptRuns('one', directory).has({ id: '1', seed: 2 })).toBe(true)
  const runs = again.runs([1, 2], ['1', '2'], ['', 'log'])
  expect(runs.map(({ seed, id, without }) => `${seed} ${id} ${without}`)).toEqual([
    '1 1 ',
    '1 1 log',
    '1 2 ',
    '1 2 log',
    '2 1 ',
    '2 1 log',
    '2 2 ',
    '2 2 log',
  ])
})

test('another program begins anew', () => {
  expect(new KeptRuns('two', directory).has({ id: '2', seed: 2 })).toBe(false)
  expect(readdirSync(directory)).toEqual([])
})
