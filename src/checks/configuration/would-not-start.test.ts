import { expect, test } from 'vitest'
import { findingsOf, host, snapshot } from '../../../test/builders.ts'
import type { HostFact } from '../../core/facts/cluster.ts'
import type { PostgresFacts } from '../../core/facts/postgres/index.ts'
import { inspect } from '../../findings/inspect.ts'
import check from './would-not-start.ts'

const setting = (name: string, value: string) => ({ file: 'postgresql.conf', line: 1, name, value })
const found = (more: Partial<HostFact>, primary: Partial<PostgresFacts> = {}) =>
  findingsOf(check, snapshot({ primary, facts: { hosts: { hosts: [host('primary', more)], blind: [] } } }))

test.each([
  [{ configured: [setting('wal_level', 'minimal')] }, 'max_wal_senders'],
  [{ configured: [setting('port', '99999')] }, 'port'],
  [{ misconfigured: [{ file: 'postgresql.conf', line: 4, text: 'secret words' }] }, 'postgresql.conf line 4'],
  [{ missingLibraries: ['nope'] }, 'nope'],
])('%j keeps it from starting', (more, words) => {
  const [one] = found(more)
  expect(one).toMatchObject({ subject: 'primary', severity: 'error' })
  expect(one?.message).toContain(words)
  expect(JSON.stringify(one)).not.toContain('secret words')
})

test('a file error that the server itself names is a reason, a pending restart is none', () => {
  const line = { file: 'f', line: 1, name: 'max_connections', applied: false, error: 'setting could not be applied' }
  expect(found({}, { fileSettings: [{ ...line, value: 'many' }], settings: { max_connections: '100' } })).toHaveLength(
    1,
  )
  expect(found({}, { fileSettings: [{ ...line, value: '200' }], settings: { max_connections: '100' } })).toEqual([])
})

test('the last line of a name counts, as for the server', () => {
  expect(found({ configured: [setting('port', '99999'), setting('Port', '5432')] })).toEqual([])
})

test('a server that is down is told to be down', () => {
  expect(found({ postmaster: 'absent', missingLibraries: ['nope'] })[0]?.message).toContain('does not run')
})

test('ordinary files are no finding; a host that cannot be read is blind, not well', () => {
  expect(found({ configured: [setting('max_connections', '200'), setting('work_mem', '4MB')] })).toEqual([])
  const blind = [{ node: 'standby', why: 'ssh refused', remedy: 'mend it' }]
  expect(inspect([check], snapshot({ facts: { hosts: { hosts: [], blind } } }), [])).toMatchObject([
    { blind: [{ node: 'standby', detail: 'ssh refused' }] },
  ])
})
