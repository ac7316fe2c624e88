import { expect, test } from 'vitest'
import type { RowDigest } from '../../engines/postgres/rows/comparable.ts'
import { settleRows, suspectsOf } from './settle.ts'
import type { Suspect } from './state.ts'

const row = (key: string, hash: string, version = hash): RowDigest => ({ key: [key], hash, version })
const suspect = (key: string, extraVersion: string | null = null): Suspect => ({ key: [key], rounds: 0, extraVersion })

test('suspects are rows of either side that the other has not, whatever the order', () => {
  const source = [row('a', '1'), row('b', '2'), row('c', '3')]
  const target = [row('d', '4'), row('b', 'other'), row('a', '1')]
  expect(suspectsOf(source, target).map(({ key }) => key[0])).toEqual(['b', 'c', 'd'])
})

test('a row that a damaged table shows twice is not hidden by its double', () => {
  const [old, now] = [row('a', '1'), row('a', '2')]
  for (const target of [
    [old, now],
    [now, old],
  ]) {
    expect(suspectsOf([now], target)).toHaveLength(1)
    expect(suspectsOf(target, [now])).toHaveLength(1)
    const { differing } = settleRows([suspect('a')], { before: [now], target, after: [now] })
    expect(differing).toEqual([{ key: ['a'], kind: 'changed', columns: [] }])
  }
  expect(suspectsOf([old, now], [now, old])).toEqual([])
})

test('a row version that the source held all the time is proof; one that was written meanwhile is not', () => {
  const held = { before: [row('a', '1')], after: [row('a', '1')] }
  expect(settleRows([suspect('a')], { ...held, target: [] }).differing).toMatchObject([{ kind: 'missing' }])
  expect(settleRows([suspect('a')], { ...held, target: [row('a', '9')] }).differing).toMatchObject([
    { kind: 'changed' },
  ])
  const flipped = { before: [row('a', '1', 'v1')], after: [row('a', '1', 'v3')] }
  expect(settleRows([suspect('a')], { ...flipped, target: [] })).toMatchObject({ differing: [], open: [{ rounds: 1 }] })
})

test('an extra row needs a second look at the same version', () => {
  const reads = { before: [], target: [row('a', '1', 'v1')], after: [] }
  const first = settleRows([suspect('a')], reads)
  expect(first).toMatchObject({ differing: [], open: [{ extraVersion: 'v1' }] })
  expect(settleRows(first.open, reads).differing).toMatchObject([{ kind: 'extra' }])
  const again = { ...reads, target: [row('a', '1', 'v2')] }
  expect(settleRows(first.open, again)).toMatchObject({ differing: [], open: [{ extraVersion: 'v2' }] })
})
