import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './too-few.ts'

test.each([
  [
    `max_replication_slots = 1
`,
    { file: 'postgresql.conf', cluster: {} },
    ['error primary:max_replication_slots @ primary'],
  ],
  [
    `max_wal_senders = 0
`,
    { file: 'postgresql.conf', cluster: {} },
    ['error primary:max_wal_senders @ primary'],
  ],
  [
    `# antemortem:on subscriber
max_logical_replication_workers = 0
`,
    { file: 'postgresql.conf', cluster: {} },
    ['error subscriber:max_logical_replication_workers @ subscriber'],
  ],
  [
    `max_connections = 6
`,
    { file: 'postgresql.conf' },
    ['warning primary:max_connections @ primary'],
  ],
])('%j: a limit below what is in use is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `max_replication_slots = 2
max_connections = 100
max_wal_senders = 10
`,
    { file: 'postgresql.conf', cluster: {} },
    [],
  ],
  [
    `max_replication_slots = 1
`,
    { file: 'postgresql.conf' },
    [],
  ],
])('%j: room for all is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
