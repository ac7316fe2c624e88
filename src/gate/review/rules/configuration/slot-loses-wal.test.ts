import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './slot-loses-wal.ts'

test.each([
  [
    `max_slot_wal_keep_size = 2MB
`,
    { file: 'postgresql.conf', cluster: {} },
    ['error primary:max_slot_wal_keep_size @ primary'],
  ],
  [
    `max_slot_wal_keep_size = 512
`,
    { file: 'postgresql.conf' },
    ['warning primary:max_slot_wal_keep_size @ primary'],
  ],
  [
    `idle_replication_slot_timeout = 5min
`,
    { file: 'postgresql.conf' },
    ['warning primary:idle_replication_slot_timeout @ primary'],
  ],
])('%j: a limit that a short absence passes is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `max_slot_wal_keep_size = 50GB
`,
    { file: 'postgresql.conf', cluster: {} },
    [],
  ],
  [
    `max_slot_wal_keep_size = -1
`,
    { file: 'postgresql.conf' },
    [],
  ],
  [
    `max_slot_wal_keep_size = 2MB
`,
    { file: 'postgresql.conf', cluster: { primary: { replicationSlots: [] } } },
    [],
  ],
])('%j: room for a day, and no limit, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
