import { expect, test } from 'vitest'
import type { PostgresFacts } from '../../core/facts/postgres/index.ts'
import { change, findingsBeside, lastGood, snapshot, t0 } from '../../../test/builders.ts'
import check from './hba-not-live.ts'

const server = (confLoadedMs: number, more: Partial<PostgresFacts['server']> = {}): PostgresFacts['server'] => ({
  versionNum: 180_004,
  database: 'auth',
  systemId: '1',
  startedMs: t0 - 86_400_000,
  confLoadedMs,
  inRecovery: false,
  nowMs: t0,
  ...more,
})
const look = (primary: Partial<PostgresFacts>, editedMs: number | null = null, digest: string | null = 'good') =>
  findingsBeside(
    check,
    snapshot({ primary, facts: { lastGood: lastGood({ primary: { accessRulesDigest: digest } }) } }),
    editedMs === null
      ? {}
      : { changes: [change('primary:pg_hba.conf', { kind: 'access', notBeforeMs: editedMs - 5000, atMs: editedMs })] },
  )
const edited = { accessRules: { rules: [], digest: 'new' } }

test('a file that changed while nothing was loaded since it was known good is not live', () => {
  expect(look({ ...edited, server: server(t0 - 3_600_000) })).toMatchObject([
    { subject: 'primary:pg_hba.conf', severity: 'warning' },
  ])
})

test('an edit after the last load is not live, whatever was loaded since it was known good', () => {
  expect(look({ ...edited, server: server(t0 - 50_000) }, t0 - 20_000)).toHaveLength(1)
})

test('a load after the edit made it live', () => {
  expect(look({ ...edited, server: server(t0 - 10_000) }, t0 - 20_000)).toEqual([])
  expect(look({ ...edited, server: server(t0 - 10_000) })).toEqual([])
})

test('a server whose clock is ahead is judged by its own time of the load', () => {
  const ahead = { nowMs: t0 + 30_000 }
  expect(look({ ...edited, server: server(t0 - 25_000 + 30_000, ahead) }, t0 - 10_000)).toHaveLength(1)
})

test('a file that no reload would take is another check’s, equal files are nobody’s, nothing known good says nothing', () => {
  const line = { line: 1, file: null, type: null, databases: [], roles: [], address: null, method: null, error: 'x' }
  const old = server(t0 - 3_600_000)
  expect(look({ accessRules: { rules: [line], digest: 'new' }, server: old })).toEqual([])
  expect(look({ accessRules: { rules: [], digest: 'good' }, server: old })).toEqual([])
  expect(look({ ...edited, server: old }, null, null)).toEqual([])
})
