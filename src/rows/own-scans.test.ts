import { expect, test } from 'vitest'
import { OwnScans, type ReadBy } from './own-scans.ts'

const readers = { roles: [], scans: 0, ownPending: 0, ownNow: 1, othersComparing: 0 }
const byOthers = ({ scans, ownScans }: ReadBy): number => scans - ownScans

test('what others scan is theirs, what we scan is ours', () => {
  const own = new OwnScans()
  expect(byOthers(own.count({ ...readers, scans: 1 }))).toBe(0)
  expect(byOthers(own.count({ ...readers, scans: 5 }))).toBe(3)
})

test('another watcher that compares the same table is no client, also in what it did last', () => {
  const own = new OwnScans()
  expect(byOthers(own.count({ ...readers, scans: 4, othersComparing: 1 }))).toBe(0)
  expect(byOthers(own.count({ ...readers, scans: 9, othersComparing: 1 }))).toBe(0)
  // Gone, and the server has only now counted its last scans.
  expect(byOthers(own.count({ ...readers, scans: 14 }))).toBe(0)
  expect(byOthers(own.count({ ...readers, scans: 19 }))).toBe(4)
})
