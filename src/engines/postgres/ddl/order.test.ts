import { expect, test } from 'vitest'
import type { DdlObject } from './order.ts'
import { inOrder } from './order.ts'

const object = (key: string, rank: number): DdlObject => ({ key, rank, what: key, sql: [] })
const order = (objects: readonly DdlObject[], edges: readonly (readonly [string, string])[]): string =>
  inOrder(
    objects,
    edges.map(([key, needs]) => ({ key, needs })),
  )
    .map(({ key }) => key)
    .join(' ')

test('the lower rank comes first, then the name', () => {
  expect(order([object('b', 2), object('a', 2), object('z', 1)], [])).toBe('z a b')
})

test('what is needed comes first, whatever its rank', () => {
  const objects = [object('function', 1), object('table', 2), object('type', 3)]
  const edges = [
    ['function', 'table'],
    ['table', 'type'],
    ['table', 'of the system'],
  ] as const
  expect(order(objects, edges)).toBe('type table function')
})

test('a circle ends with every object made once, the lower rank last of the two', () => {
  const edges = [
    ['function', 'table'],
    ['table', 'function'],
  ] as const
  expect(order([object('table', 2), object('function', 1)], edges)).toBe('table function')
})
