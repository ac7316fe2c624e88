import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './wal-level.ts'

test.each([
  [
    `wal_level = replica
`,
    { file: 'postgresql.conf', cluster: {} },
    ['error primary:wal_level @ primary'],
  ],
  [
    `wal_level = minimal
`,
    { file: 'postgresql.conf' },
    ['error primary:wal_level @ primary'],
  ],
  [
    `wal_level = replica
`,
    { file: 'postgresql.conf' },
    ['warning primary:wal_level @ primary'],
  ],
])('%j: less WAL than slots and standbys need is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `wal_level = logical
`,
    { file: 'postgresql.conf', cluster: {} },
    [],
  ],
  [
    `wal_level = replica
`,
    { file: 'postgresql.conf', cluster: { primary: { replicationSlots: [] } } },
    [],
  ],
])('%j: logical, and replica where nothing is logical, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
