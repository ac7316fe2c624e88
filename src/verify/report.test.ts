import { expect, test } from 'vitest'
import type { PairReport, TableReport } from '../core/verification.ts'
import { everything } from '../engines/postgres/rows/comparable.ts'
import type { ChunkVerdict } from '../rows/compare-table.ts'
import { verifyReportJson, verifyReportOf, verifyReportShape } from '../shapes/verify.ts'
import { makeStyle } from '../report/style.ts'
import { progressText, verifyText } from './print.ts'
import { againOf, rechecked } from './recheck.ts'
import { addChunk, beginTable, clusterReport, exitOf, isSettledChunk, tableReport, weightKey } from './report.ts'
import type { TableState } from './report.ts'

const atMs = Date.parse('2026-03-05T09:04:00.000Z')

const chunk = (more: Partial<ChunkVerdict> = {}): ChunkVerdict => ({
  verdict: 'consistent',
  range: everything,
  rows: 100,
  differing: [],
  more: false,
  unsettled: 0,
  healed: [],
  conflicts: 0,
  detail: null,
  remedy: null,
  ...more,
})

const row = { key: ['7'], kind: 'changed', columns: ['name'] } as const

const fold = (...chunks: readonly ChunkVerdict[]): TableState =>
  chunks.reduce((state, each, n) => addChunk(state, each, atMs + n), beginTable)

const table = (state: TableState, finished = true, rowsEstimated = 1000): TableReport =>
  tableReport(state, { table: 'public.users', rowsEstimated, finished })

const report = (
  tables: readonly TableReport[],
  more: Partial<PairReport> = {},
  blind: readonly { what: string; why: string }[] = [],
) =>
  clusterReport({
    cluster: 'auth',
    atMs: atMs + 60_000,
    pairs: [{ left: 'primary', right: 'reports', follows: 'logical', tables, ...more }],
    notCovered: [],
    blind,
    weights: new Map([[weightKey({ left: 'primary', right: 'reports' }, 'public.users'), 1000]]),
  })

test('only a table that was gone through with every row equal is consistent and whole', () => {
  expect(table(fold(chunk(), chunk()))).toMatchObject({
    verdict: 'consistent',
    rows: 200,
    chunks: 2,
    coverage: 1,
    oldestVerifiedMs: atMs,
  })
  expect(table(fold(chunk({ rows: 0 })))).toMatchObject({ verdict: 'consistent', coverage: 1 })
  expect(exitOf(report([table(fold(chunk()))]))).toBe(0)
})

test('a table that was not gone through to its end is no agreement, though all of it was equal so far', () => {
  const half = table(fold(chunk()), false)
  expect(half).toMatchObject({ verdict: 'unsettled', coverage: 0.1, detail: 'it was not looked at to its end' })
  expect(exitOf(report([half]))).toBe(3)
  expect(table(fold(chunk({ verdict: 'divergent', differing: [row] })), false).verdict).toBe('divergent')
  expect(table(fold(chunk({ rows: 999_999 })), false).coverage).toBeLessThan(1)
})

test.each([
  [chunk({ verdict: 'lagging', detail: 'it is at 0/1' }), 0.5, 3],
  [chunk({ verdict: 'unverifiable', rows: 0, detail: 'no privilege' }), 0.1, 3],
  [chunk({ verdict: 'corrupt', rows: 0, detail: 'invalid page' }), 0.1, 1],
  [chunk({ verdict: 'unsettled', unsettled: 20 }), 0.9, 3],
  [chunk({ verdict: 'divergent', differing: [row] }), 1, 1],
])('$verdict is told with what is known', (second, coverage, exit) => {
  const found = table(fold(chunk(), second), true, second.verdict === 'lagging' ? 150 : 1000)
  expect(found).toMatchObject({ verdict: second.verdict, coverage, detail: second.detail })
  expect(exitOf(report([found]))).toBe(exit)
})

test('the gravest decides, with its words', () => {
  const found = table(
    fold(
      chunk({ verdict: 'lagging', detail: 'late' }),
      chunk({ verdict: 'divergent', differing: [row], detail: null }),
      chunk({ verdict: 'lagging', detail: 'later' }),
    ),
  )
  expect(found).toMatchObject({ verdict: 'divergent', detail: null, differing: [row] })
})

test('a node that could not be seen, and no table at all, are never green', () => {
  const blind = report([table(fold(chunk()))], {}, [{ what: 'node standby', why: 'refused' }])
  expect(blind).toMatchObject({ verdict: 'unverifiable', notCovered: [{ what: 'node standby' }] })
  expect(exitOf(blind)).toBe(3)
  expect(report([])).toMatchObject({ verdict: 'unverifiable', coverage: 0 })
})

test('coverage weighs tables by their rows, and never reads like all where it is not', () => {
  const large = table(fold(chunk({ rows: 1_000_000 })), true)
  const hidden = { ...table(fold(chunk({ verdict: 'unverifiable', rows: 0 }))), coverage: 0, rows: 0 }
  const { coverage } = report([large, { ...hidden, table: 'public.small' }])
  expect(coverage).toBeLessThan(1)
  expect(coverage).toBeGreaterThan(0.99)
})

test('what has to be looked at again is no place to go on from', () => {
  expect(isSettledChunk(chunk())).toBe(true)
  expect(isSettledChunk(chunk({ verdict: 'divergent', differing: [row] }))).toBe(true)
  expect(isSettledChunk(chunk({ verdict: 'divergent', more: true }))).toBe(false)
  expect(isSettledChunk(chunk({ verdict: 'lagging' }))).toBe(false)
})

const pair = { left: 'primary', right: 'reports', follows: 'logical', subscriptions: [] } as const

test('a second look is at the rows that differed, or at the whole of what was not consistent', () => {
  const differs = { ...table(fold(chunk({ verdict: 'divergent', differing: [row] }))), table: 'public.a' }
  const many = { ...table(fold(chunk({ verdict: 'divergent', differing: [row], more: true }))), table: 'public.b' }
  const late = { ...table(fold(chunk({ verdict: 'lagging' }))), table: 'public.c' }
  const again = againOf(report([differs, many, late, table(fold(chunk()))]), pair)
  expect([...again].map(([name, { keys }]) => [name, keys])).toEqual([
    ['public.a', [['7']]],
    ['public.b', null],
    ['public.c', null],
  ])
  expect(rechecked(differs, chunk({ rows: 0 }), 3)).toMatchObject({
    verdict: 'consistent',
    rows: 100,
    coverage: 1,
    differing: [],
  })
  expect(rechecked(differs, chunk({ rows: 0, verdict: 'lagging' }), 3).coverage).toBeLessThan(1)
  const masked = { ...differs, differing: [{ ...row, key: ['md5***'] }] }
  expect(againOf(report([masked]), pair).get('public.a')?.keys).toBeNull()
  expect(againOf(report([differs]), { ...pair, right: 'other' }).size).toBe(0)
})

test('a report survives its own JSON', () => {
  const image = { id: '7', name: null }
  const made = report([table(fold(chunk({ verdict: 'divergent', differing: [{ ...row, left: image, right: null }] })))])
  const read = verifyReportShape.parse(JSON.parse(JSON.stringify(verifyReportJson(made))))
  expect(verifyReportOf(read)).toEqual(made)
})

test('people read which node holds what, and what to type next', () => {
  const differing = [{ ...row, left: { id: '7', name: 'ann' }, right: { id: '7', name: null } }]
  const text = verifyText(
    report([table(fold(chunk({ verdict: 'divergent', differing })))]),
    makeStyle(false),
    120,
  ).join('\n')
  expect(text).toContain('cluster auth  divergent  1 table on 1 pair, 100 % of the rows, oldest look 60 s ago')
  expect(text).toContain('primary → reports  logical')
  expect(text).toContain('changed 7: primary and reports hold different values in name')
  expect(text).toMatch(/primary {2}name 'ann'\n\s+reports {2}name null/)
  expect(text).toContain('antemortem verify --recheck report.json')
  const green = verifyText(report([table(fold(chunk()))]), makeStyle(false), 120).join('\n')
  expect(green).not.toContain('antemortem')
})

test('the progress line tells the rate and the time left of this run', () => {
  const tally = {
    rowsAll: 1000,
    rowsDone: 600,
    rowsBefore: 500,
    tablesAll: 2,
    tablesDone: 0,
    passedMs: 1000,
    now: 'a → b t',
  }
  expect(progressText('auth', tally)).toBe('auth: 60.0 %  600 rows, 100 rows/s, 4.0 s left  a → b t')
  expect(progressText('auth', { ...tally, rowsDone: 500, passedMs: 0 })).toContain('0 rows/s  a')
})
