import { expect, test } from 'vitest'
import { role, snapshot, t0, table } from '../../../test/builders.ts'
import type { PostgresFacts } from '../../core/facts/postgres/index.ts'
import { changesBetween, stateOf, stateText } from './cluster-state.ts'

const textOf = (primary: Partial<PostgresFacts>, atMs = t0): string => stateText(stateOf(snapshot({ primary, atMs })))

test('the same cluster is the same a day later, after a vacuum, and for another process that masks its secrets', () => {
  const users = table('users')
  const now = textOf({ tables: [users], settings: { work_mem: '4096', archive_command: '*** (#aaaa)' } })
  const rewritten = { ...users, rowsEstimated: 99_999, files: { table: 1, toast: null, indexes: {} } }
  const later = { tables: [rewritten], settings: { work_mem: '4096', archive_command: '*** (#bbbb)' } }
  expect(textOf(later, t0 + 86_400_000)).toBe(now)
})

test.each<[string, Partial<PostgresFacts>]>([
  ['a table', { tables: [table('users'), table('orders')] }],
  ['a setting', { settings: { work_mem: '8192' } }],
  ['a role', { roles: [role('app'), role('other')] }],
])('with another %s it is another cluster', (_, facts) => {
  expect(textOf(facts)).not.toBe(textOf({}))
})

test('what changed is said in the words of the watch, and a restart is none of it', () => {
  const server = (startedMs: number) => ({
    versionNum: 180_004,
    database: 'auth',
    systemId: '1',
    startedMs,
    confLoadedMs: startedMs,
    inRecovery: false,
    nowMs: t0,
  })
  const before = stateOf(snapshot({ primary: { tables: [table('users')], server: server(1) } }))
  const after = stateOf(snapshot({ primary: { tables: [], server: server(2) }, atMs: t0 + 1 }))
  expect(changesBetween(before, after).map(({ object }) => object)).toEqual(['primary:public.users'])
})
