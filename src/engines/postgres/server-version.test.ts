import { expect, test } from 'vitest'
import { refusal, versionNote, versionText } from './server-version.ts'

test('a version is written as people write it', () => {
  expect([180_004, 150_018, 120_022].map(versionText)).toEqual([
    'PostgreSQL 18.4',
    'PostgreSQL 15.18',
    'PostgreSQL 12.22',
  ])
})

test('versions that are tried need no note; one that is newer or older has one', () => {
  expect([150_000, 160_001, 170_010, 180_004].map(versionNote)).toEqual([null, null, null, null])
  expect(versionNote(190_000)).toContain('newer than this program knows')
  expect([130_022, 140_019].map(versionNote)).toEqual([
    expect.stringContaining('older than 15'),
    expect.stringContaining('older than 15'),
  ])
})

test('12 and older are refused, 13 is read', () => {
  expect(refusal(120_022)).toBe('PostgreSQL 12.22 is older than 13')
  expect(refusal(130_000)).toBeNull()
})
