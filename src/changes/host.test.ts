import { expect, test } from 'vitest'
import type { HostFact } from '../core/facts/cluster.ts'
import { host } from '../../test/builders.ts'
import { hostChanges } from './host.ts'

const at = (name: string, value: string, line = 1) => ({ file: '/srv/postgresql.conf', line, name, value })
const words = (before: Partial<HostFact>, after: Partial<HostFact>) =>
  hostChanges(host('primary', { atMs: 1000, ...before }), host('primary', { atMs: 2000, ...after })).map(
    ({ kind, object, before: was, after: is }) => [kind, object, was, is],
  )

test('a setting that is another in the files is a change of the file, within the two looks', () => {
  const before = host('primary', { atMs: 1000, configured: [at('work_mem', '4MB')] })
  const after = host('primary', { atMs: 2000, configured: [at('work_mem', '8MB')] })
  expect(hostChanges(before, after)).toEqual([
    {
      id: 'chg-2000-file-primary:work_mem',
      atMs: 2000,
      notBeforeMs: 1000,
      kind: 'setting',
      object: 'primary:work_mem',
      before: '4MB',
      after: '8MB',
      source: 'file',
    },
  ])
})

test('the later of two lines counts, and a line that came or went has no value on the other side', () => {
  const twice = [at('work_mem', '4MB', 1), at('work_mem', '8MB', 2)]
  expect(words({ configured: [at('work_mem', '8MB')] }, { configured: twice })).toEqual([])
  expect(words({ configured: twice }, { configured: [] })).toEqual([['setting', 'primary:work_mem', '8MB', null]])
})

test('what could not be read has not changed', () => {
  const blind = { what: 'configuration', why: 'closed', remedy: 'open it' } as const
  expect(words({ configured: [at('a', '1')] }, { configured: [], unseen: [blind] })).toEqual([])
  expect(words({ accessRulesDigest: 'a' }, { accessRulesDigest: null })).toEqual([])
  expect(words({ port: 5432 }, { port: null, postmaster: 'absent' })).toEqual([])
})

test('access rules, the port of the server and a line that is no setting are told', () => {
  const wrong = [{ file: '/srv/postgresql.conf', line: 9, text: 'Max_Connections 100 200' }]
  expect(
    words({ accessRulesDigest: 'a', port: 5432 }, { accessRulesDigest: 'b', port: 5433, misconfigured: wrong }),
  ).toEqual([
    ['setting', 'primary:max_connections', null, 'a line that is no setting: Max_Connections 100 200'],
    ['access', 'primary:pg_hba.conf', 'rules a', 'rules b'],
    ['connection', 'primary:port', 'listens on port 5432', 'listens on port 5433'],
  ])
})
