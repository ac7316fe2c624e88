import { expect, test } from 'vitest'
import { node } from '../../../test/builders.ts'
import { differentSettings, settingsFor } from './settings.ts'

const real = (settings: Readonly<Record<string, string>>) => node('primary', 'primary', { settings })

test('what decides over replication and sessions is copied, memory and paths are not', () => {
  const settings = {
    max_connections: '500',
    statement_timeout: '30000',
    shared_buffers: '1048576',
    data_directory: '/d',
  }
  expect(settingsFor(real(settings), 2)).toEqual({ max_connections: '500', statement_timeout: '30000' })
})

test('a copy needs senders for its own first copies, and no limit stays no limit', () => {
  expect(settingsFor(real({ max_wal_senders: '3', max_slot_wal_keep_size: '-1' }), 2)).toEqual({
    max_wal_senders: '6',
    max_slot_wal_keep_size: '-1',
  })
})

test('a subscriber without logical decoding keeps the lab’s own level', () => {
  expect(settingsFor(real({ wal_level: 'replica' }), 1)).toEqual({})
})

test('what stays different is named with both values', () => {
  const words = differentSettings(
    real({ max_wal_senders: '3', port: '5432', vacuum_cost_limit: '9' }),
    real({ max_wal_senders: '6', port: '4', vacuum_cost_limit: '9' }),
  )
  expect(words).toBe('settings of primary that are others in the copy: max_wal_senders 3 (copy: 6)')
  expect(differentSettings(real({ port: '1' }), real({ port: '2' }))).toBeNull()
})
