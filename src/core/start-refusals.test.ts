import { expect, test } from 'vitest'
import { startRefusals } from './start-refusals.ts'

const said = (settings: Readonly<Record<string, string>>) => startRefusals(new Map(Object.entries(settings)))

test.each([
  ['port', '70000', 'outside'],
  ['max_wal_senders', '-1', 'outside'],
  ['max_connections', 'many', 'is no number'],
  ['work_mem', '4Mb', 'unit Mb'],
  ['work_mem', '1kB', 'less than 64kB'],
  ['statement_timeout', '5sec', 'unit sec'],
  ['port', '5432kB', 'unit kB'],
])('%s = %s is refused', (name, value, words) => {
  expect(said({ [name]: value })).toEqual([expect.stringContaining(words)])
})

test.each([
  ['work_mem', '4MB'],
  ['work_mem', '4096'],
  ['shared_buffers', '0.5GB'],
  ['statement_timeout', '1.5 s'],
  ['port', '0x1538'],
  ['max_connections', '1e2'],
  ['application_name', 'many'],
])('%s = %s is taken, or not known here', (name, value) => {
  expect(said({ [name]: value })).toEqual([])
})

test('wal_level minimal goes with neither walsenders, of which there are ten by default, nor an archive', () => {
  expect(said({ wal_level: 'minimal' })).toEqual([expect.stringContaining('max_wal_senders = 10')])
  expect(said({ wal_level: 'minimal', max_wal_senders: '0', archive_mode: 'on' })).toEqual([
    expect.stringContaining('archive_mode'),
  ])
  expect(said({ wal_level: 'minimal', max_wal_senders: '0' })).toEqual([])
})

test('reserved connections must leave some', () => {
  expect(said({ max_connections: '3' })).toEqual([expect.stringContaining('leaves nothing')])
  expect(said({ max_connections: '10', reserved_connections: '8' })).toHaveLength(1)
  expect(said({ max_connections: '10' })).toEqual([])
})
