import { expect, test } from 'vitest'
import { patienceMs, type Arrival, type Beat, type Written } from './beat.ts'
import { beatFindings, beatNotes } from './told.ts'

const on = (node: string, more: Partial<Arrival> = {}): Arrival => ({
  node,
  by: 'reading-role',
  state: 'shown',
  waitedMs: 40,
  detail: null,
  ...more,
})
const beat = (arrivals: readonly Arrival[], written: Written = { state: 'written', isConfirmed: true }): Beat => ({
  contract: 'login',
  schema: 'app',
  table: 'beats',
  node: 'primary',
  written,
  arrivals,
})
const missing = (node: string, detail: string | null = null): Arrival =>
  on(node, { state: 'missing', waitedMs: 5_012, detail })
const blind = (node: string): Arrival => on(node, { state: 'not-seen', detail: 'grant select on app.beats to watch;' })

const said = (was: Beat, is: Beat) => {
  const beats = { before: [was], after: [is], behind: 'the change' }
  return { findings: beatFindings(beats), notes: beatNotes(beats) }
}
const healthy = beat([on('standby'), on('reports')])
const refused: Written = { state: 'refused', why: 'permission denied', code: '42501', remedy: 'grant it' }
const unknown: Written = { state: 'unknown', why: 'no answer' }

test('a row that shows everywhere is told with the time that it took', () => {
  expect(said(healthy, healthy)).toEqual({
    findings: [],
    notes: [
      'after the change the row that contract login wrote into app.beats on primary showed on standby after 40 ms, reports after 40 ms',
    ],
  })
})

test('a node that shows it no more is a finding like a contract that fails', () => {
  const { findings, notes } = said(healthy, beat([on('standby'), missing('reports', 'relation does not exist')]))
  expect(findings).toMatchObject([
    {
      rule: 'replication/canary-missing',
      severity: 'critical',
      object: 'reports:app.beats',
      nodes: ['reports'],
      message:
        'rows written on primary no longer reach reports: after the change the row that contract login wrote into app.beats did not show there within 5 s: relation does not exist',
    },
  ])
  expect(notes).toEqual([expect.stringContaining('showed on standby after 40 ms')])
})

test.each([
  ['did not show it before', beat([missing('reports')]), beat([missing('reports')]), 'did not show on reports before'],
  ['nobody may look at', beat([blind('reports')]), beat([blind('reports')]), 'was not seen on reports: grant select'],
  [
    'nobody looked at before',
    beat([blind('reports')]),
    beat([missing('reports')]),
    'whether it did before was not seen',
  ],
  ['nobody can look at now', healthy, beat([blind('reports')]), 'was not seen on reports: grant select'],
  ['is in nobody’s way', beat([]), beat([]), 'was awaited nowhere'],
  ['was not reached before', beat([], { state: 'not-connected', why: 'no' }), healthy, 'was not written before'],
  ['was unclear before', beat([], unknown), beat([], unknown), 'was not written before'],
  ['is not reached now', healthy, beat([], { state: 'not-connected', why: 'no' }), 'was not written after the change'],
  [
    'no standby confirmed before either',
    beat([on('reports')], { state: 'written', isConfirmed: false }),
    beat([on('reports')], { state: 'written', isConfirmed: false }),
    'was not confirmed by a synchronous standby before',
  ],
])('a row that %s is told and held against nobody', (_, was, is, words) => {
  const { findings, notes } = said(was, is)
  expect(findings).toEqual([])
  expect(notes.join('\n')).toContain(words)
})

test.each([
  ['is refused', refused, 'can no longer write its row into app.beats on primary (42501)', 'application/error'],
  ['is unclear', unknown, 'nobody can say what became of it', 'application/error'],
  [
    'waits for a standby',
    { state: 'written', isConfirmed: false } as const,
    'commits on primary are not answered any more',
    'replication/sync-standby-missing',
  ],
])('a row whose writing %s is a finding where it was none before', (_, written: Written, words, consequence) => {
  const { findings } = said(healthy, beat([], written))
  expect(findings).toMatchObject([{ rule: 'replication/canary-refused', severity: 'critical', consequence }])
  expect(findings[0]?.message).toContain(words)
})

test('a node has the time that the application bears, three seconds at least and a minute at most', () => {
  expect([250, 5_000, 600_000].map(patienceMs)).toEqual([3_000, 5_000, 60_000])
})
