import { expect, test } from 'vitest'
import { change, snapshot, t0, table, touched } from '../../test/builders.ts'
import { comparisonsOf, mergeTouched, nextComparisonMs, touchedBy, touchedForMs } from './touched-tables.ts'

const { nodes } = snapshot({
  primary: { tables: [table('users'), table('odd name')] },
  subscriber: { tables: [table('users'), table('odd name')] },
})

test.each([
  ['a table', 'primary:public.users', [['public', 'users']]],
  ['a table of a publication', 'primary:publication pub:public.odd name', [['public', 'odd name']]],
  ['a publication', 'primary:publication pub', [['public', 'users']]],
  ['a subscription', 'subscriber:subscription sub', [['public', 'users']]],
  ['something that is not there', 'primary:publication gone', []],
])('%s that changed touches its tables', (_, object, tables) => {
  expect(touchedBy([change(object)], nodes).map(({ schema, table: name }) => [schema, name])).toEqual(tables)
})

test('a setting touches no table', () => {
  expect(touchedBy([change('primary:work_mem', { kind: 'setting' })], nodes)).toEqual([])
})

test('a table stays under comparison for a quarter of an hour after the last change', () => {
  const once = touchedBy([change('primary:public.users', { atMs: t0 })], nodes)
  expect(mergeTouched(once, [], t0 + touchedForMs - 1)).toHaveLength(1)
  expect(mergeTouched(once, [], t0 + touchedForMs)).toHaveLength(0)
})

test('compared is what both sides have, on nodes that serve reads', () => {
  const both = touchedBy([change('primary:public.users')], nodes)
  expect(comparisonsOf(both, nodes, null).map(({ node }) => node)).toEqual(['standby', 'subscriber'])
  expect(comparisonsOf(both, nodes, new Set(['subscriber'])).map(({ node }) => node)).toEqual(['subscriber'])
  expect(comparisonsOf([{ schema: 'public', table: 'nowhere', untilMs: t0 }], nodes, null)).toEqual([])
})

test('a difference is asked again soon, an equal table ever less often, and a slow comparison stays below its duty', () => {
  expect(nextComparisonMs(touched('users'), 5, false)).toBe(t0 + 400)
  expect(nextComparisonMs(touched('users', { verdict: 'equal', times: 5 }), 5, false)).toBe(t0 + 16_000)
  expect(nextComparisonMs(touched('users', { verdict: 'equal', times: 2 }), 50, false)).toBe(t0 + 10_000)
  expect(nextComparisonMs(touched('users', { verdict: 'equal', times: 1 }), 2000, true)).toBe(t0 + 40_000)
})
