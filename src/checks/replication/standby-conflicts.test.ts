import { expect, test } from 'vitest'
import { database, findingsOf, snapshot, t0 } from '../../../test/builders.ts'
import check from './standby-conflicts.ts'

const none = database('auth').conflicts
const at = (seconds: number, conflicts: Partial<typeof none>, startedMs = t0 - 86_400_000) => {
  const base = snapshot()
  const server = base.nodes[1]?.facts.server
  return snapshot({
    atMs: t0 + seconds * 1000,
    standby: {
      databases: [database('auth', { conflicts: { ...none, ...conflicts } })],
      ...(server?.seen ? { server: { ...server.value, startedMs } } : {}),
    },
  })
}

test('three cancelled queries are a warning that names the kind and what ends it', () => {
  expect(findingsOf(check, at(60, { snapshot: 12, lock: 1 }), at(0, { snapshot: 10 }))).toMatchObject([
    {
      subject: 'standby:database auth',
      severity: 'warning',
      evidence: { confl_snapshot: 2, confl_lock: 1 },
      remedy: expect.stringContaining('hot_standby_feedback = on'),
    },
  ])
})

test('more than one a second is an error', () => {
  expect(findingsOf(check, at(60, { lock: 90 }), at(0, {}))).toMatchObject([{ severity: 'error' }])
})

test('a single one is a note, and five in one second are no rate', () => {
  expect(findingsOf(check, at(60, { lock: 1 }), at(0, {}))).toMatchObject([{ severity: 'info' }])
  expect(findingsOf(check, at(1, { lock: 5 }), at(0, {}))).toMatchObject([{ severity: 'warning' }])
})

test.each([
  ['old conflicts that do not grow', at(60, { lock: 90 }), at(0, { lock: 90 })],
  ['counters that were reset', at(60, { lock: 0 }), at(0, { lock: 90 })],
  ['counters of an earlier start', at(60, { lock: 90 }), at(0, { lock: 1 }, t0 - 99_000_000)],
  ['a first look', at(0, { lock: 90 }), undefined],
])('%s: no finding', (_, now, before) => {
  expect(findingsOf(check, now, ...(before ? [before] : []))).toEqual([])
})

test('what a node counted before its promotion is not its concern', () => {
  const promoted = (lock: number, atMs: number) =>
    snapshot({ atMs, primary: { databases: [database('auth', { conflicts: { ...none, lock } })] } })
  expect(findingsOf(check, promoted(9, t0 + 1000), promoted(0, t0))).toEqual([])
})
