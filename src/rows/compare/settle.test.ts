import { expect, test } from 'vitest'
import type { RowRead } from '../../engines/postgres/rows/comparable.ts'
import { healedOf, settleRows, suspectsOf } from './settle.ts'
import type { Suspect } from './state.ts'

const row = (key: string, hash: string, version = hash): RowRead => ({
  key: [key],
  hash,
  version,
  columns: { id: 'same', v: hash },
  image: { id: key, v: hash },
})
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
    expect(differing).toMatchObject([{ key: ['a'], kind: 'changed' }])
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

test('a row that differs is kept as the reads showed it that prove it, on both sides; without images by its key alone', () => {
  const [now, old] = [row('a', '2'), row('a', '1')]
  const reads = { before: [now], target: [old], after: [now] }
  expect(settleRows([suspect('a')], reads).differing).toEqual([
    { key: ['a'], kind: 'changed', columns: ['v'], left: { id: 'a', v: '2' }, right: { id: 'a', v: '1' } },
  ])
  expect(settleRows([suspect('a')], { ...reads, target: [] }).differing).toMatchObject([
    { kind: 'missing', columns: [], left: { id: 'a', v: '2' }, right: null },
  ])
  const bare = (of: RowRead): RowRead => ({ ...of, image: null })
  const blind = { before: [bare(now)], target: [bare(old)], after: [bare(now)] }
  expect(settleRows([suspect('a')], blind).differing).toEqual([{ key: ['a'], kind: 'changed', columns: ['v'] }])
})

test('a row has healed when the target shows what the source does', () => {
  const reads = {
    before: [row('a', '2'), row('b', '2')],
    target: [row('a', '2')],
    after: [row('a', '2'), row('b', '2')],
  }
  const [a, b, c] = ['a', 'b', 'c'].map((key) => ({ key: [key], kind: 'changed' as const, columns: [] }))
  if (!a || !b || !c) throw new Error('three rows')
  expect([...healedOf([a, b, c], reads)]).toEqual([a, c])
})
