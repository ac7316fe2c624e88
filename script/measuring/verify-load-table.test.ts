import { expect, test } from 'vitest'
import { serves } from '../../bench/verify-load/role-cpu.ts'
import { perSecondIn } from '../../bench/verify-load/writers.ts'
import type { Kept } from './kept-figures.ts'
import { asked, loadTable } from './verify-load-table.ts'

const taken = { nodes: ['primary', 'standby'], rows: asked.rows, seconds: asked.seconds }

const pair = (figures: Kept['figures'] = {}, words: readonly string[] = []): Kept => ({
  figures: {
    without: 1_000,
    with: 960,
    'cores primary': 0.05,
    'cores standby': 0.04,
    presence: 1,
    ends: 0,
    'rows physical': 90_000,
    'rows logical': 80_000,
    chunks: 40,
    ...figures,
  },
  words: [...words],
})

const alone = Array.from({ length: asked.alone }, () => pair())

const windows = (...others: readonly Kept[]) => ({
  pairs: [...Array.from({ length: asked.pairs - others.length }, () => pair()), ...others],
  alone,
})

test('twelve pairs in which writers keep 96 of 100 are met, and the median is not moved by one bad pair', () => {
  const table = loadTable(windows(pair({ with: 500 })), taken)
  expect(table.met).toBe(true)
  expect(table.rows[0]).toEqual([
    "writers' throughput beside verify, of that without it, median",
    '0.960',
    '≥ 0.93',
    'met',
  ])
  expect(table.notes[0]).toContain('quartiles 0.960 and 0.960, least 0.500, most 0.960')
  expect(table.notes[0]).not.toContain('a try')
})

test('a node on which verify takes more than its share misses it, whatever the others say', () => {
  const table = loadTable({ ...windows(), alone: alone.map(() => pair({ 'cores standby': 0.13 })) }, taken)
  expect(table.met).toBe(false)
  expect(table.rows.slice(1, 5).map(([what, value, , verdict]) => [what, value, verdict])).toEqual([
    ["verify's backends on primary, beside the writers", '5.0 % of a core', 'met'],
    ["verify's backends on standby, beside the writers", '4.0 % of a core', 'met'],
    ["verify's backends on primary, nobody writing", '5.0 % of a core', 'met'],
    ["verify's backends on standby, nobody writing", '13.0 % of a core', '**missed**'],
  ])
})

test('a window in which verify had nothing to do, or was away, proves nothing', () => {
  for (const idle of [
    pair({ 'rows physical': 0, 'rows logical': 0 }),
    pair({ presence: 0.8 }),
    pair({ 'cores standby': 0 }),
  ]) {
    const table = loadTable(windows(idle), taken)
    expect(table.met).toBe(false)
    expect(table.rows.find(([what]) => what?.includes('not at work'))).toContain('1')
  }
})

test('a row that is wrongly named is told', () => {
  const table = loadTable(windows(pair({}, ['logical public.sales changed 7'])), taken)
  expect(table.met).toBe(false)
  expect(table.notes.at(-1)).toBe('Wrongly named: logical public.sales changed 7.')
})

test('fewer pairs, rows or seconds than asked are a try', () => {
  expect(loadTable({ pairs: [pair()], alone }, taken).notes[0]).toContain('a try')
  expect(loadTable(windows(), { ...taken, rows: 1_000 }).notes[0]).toContain('a try')
})

test('a backend is known by the role in its title, a parallel worker by its leader', () => {
  const isOurs = (pid: number): boolean => pid === 77
  expect(serves('postgres: primary: antemortem auth 127.0.0.1(54072) SELECT', 'antemortem', isOurs)).toBe(true)
  expect(serves('postgres: primary: app auth 127.0.0.1(54073) UPDATE', 'antemortem', isOurs)).toBe(false)
  expect(serves('postgres: primary: parallel worker for PID 77', 'antemortem', isOurs)).toBe(true)
  expect(serves('postgres: primary: parallel worker for PID 78', 'antemortem', isOurs)).toBe(false)
  expect(serves('/usr/lib/postgresql/15/bin/postgres -D /dev/shm/lab/primary', 'antemortem', isOurs)).toBe(false)
})

test('what pgbench says of a run is its throughput, unless a transaction failed', () => {
  const report = (failed: string): string => `transaction type: multiple scripts
number of transactions actually processed: 51234
number of failed transactions: ${failed}
latency average = 1.2 ms
initial connection time = 20.1 ms
tps = 2561.712345 (without initial connection time)
SQL script 1: writers-0.sql
 - weight: 5 (targets 50.0% of total)
 - 25000 transactions (48.8% of total, tps = 1250.0)
`
  expect(perSecondIn(report('0 (0.000%)'))).toBeCloseTo(2561.71)
  expect(() => perSecondIn(report('3 (0.006%)'))).toThrow('did not write as they should')
  expect(() => perSecondIn('pgbench: error')).toThrow('did not write as they should')
})
