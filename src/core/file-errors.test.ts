import { expect, test } from 'vitest'
import type { FileSettingFact } from './facts/postgres/objects.ts'
import { fileErrors } from './file-errors.ts'

const line = (name: string | null, value: string | null, error: string | null): FileSettingFact => ({
  file: '/data/postgresql.conf',
  line: 7,
  name,
  value,
  applied: error === null,
  error,
})
const notApplied = 'setting could not be applied'

test('a bad value, an unknown name and a broken line are errors', () => {
  const bad = [
    line('work_mem', '4Mb', notApplied),
    line('wrok_mem', '4MB', 'unrecognized configuration parameter "wrok_mem"'),
    line(null, null, 'syntax error'),
    line('max_connections', 'many', notApplied),
  ]
  expect(fileErrors(bad, { settings: { max_connections: '100', work_mem: '4096' } })).toEqual(bad)
})

test('a good value that waits for a restart is none, loaded or not', () => {
  const waiting = line('max_connections', '200', notApplied)
  expect(fileErrors([waiting], { pendingRestart: ['max_connections'] })).toEqual([])
  expect(fileErrors([waiting], { settings: { max_connections: '100' } })).toEqual([])
  expect(fileErrors([line('shared_buffers', '1GB', notApplied)], { settings: { shared_buffers: '16384' } })).toEqual([])
  const removed = line(
    'max_wal_senders',
    null,
    'parameter "max_wal_senders" cannot be changed without restarting the server',
  )
  expect(fileErrors([removed], {})).toEqual([])
})
