import { expect, test } from 'vitest'
import { publication, subscription } from '../../test/builders.ts'
import type { Inventory, ListedTable } from '../engines/postgres/rows/list-tables.ts'
import type { NodePair } from './pairs.ts'
import { assertMeant } from './meant.ts'
import type { PairInventory, Selection } from './tables.ts'
import { isMeant, tablesOf } from './tables.ts'

const listed = (table: string, more: Partial<ListedTable> = {}): ListedTable => ({
  schema: 'public',
  table,
  kind: 'r',
  unlogged: false,
  root: null,
  ofExtension: false,
  rowsEstimated: 10,
  grants: [],
  ...more,
})

const inventory = (...tables: readonly ListedTable[]): Inventory => ({ tables, largeObjects: 0 })

const physical: NodePair = { left: 'primary', right: 'standby', follows: 'physical' }

const logical = (subscriptions = [subscription(['users'])], publications = [publication(['users'])]) => ({
  pair: { left: 'primary', right: 'reports', follows: 'logical', subscriptions } satisfies NodePair,
  publications,
})

const names = ({ tables }: Selection): readonly string[] => tables.map(({ name }) => name)
const told = ({ notCovered }: Selection): string => notCovered.map(({ what, why }) => `${what}: ${why}`).join('\n')

const select = (parts: Partial<PairInventory>, globs: readonly string[] = []): Selection =>
  tablesOf(
    { pair: physical, left: inventory(), right: inventory(), publications: null, feeds: [], back: [], ...parts },
    globs,
  )

test('a standby is compared leaf by leaf, with materialized views; what it cannot have is said', () => {
  const left: Inventory = {
    largeObjects: 2,
    tables: [
      listed('users'),
      listed('cache', { unlogged: true }),
      listed('parts', { kind: 'p' }),
      listed('parts_a', { root: { schema: 'public', table: 'parts' } }),
      listed('totals', { kind: 'm' }),
      listed('elsewhere', { kind: 'f' }),
      listed('Odd name', { schema: 'Sales' }),
      listed('job', { schema: 'cron', ofExtension: true }),
    ],
  }
  const selection = select({ left })
  expect(names(selection)).toEqual(['public.users', 'public.parts_a', 'public.totals', '"Sales"."Odd name"'])
  expect(told(selection)).toBe(`primary → standby: unlogged tables public.cache: nothing of them reaches a standby
primary → standby: foreign tables public.elsewhere: their rows are on another server
primary → standby: tables of extensions cron.job: they are not tables of yours
primary → standby: 2 large objects: they are in no table that a reading role may read`)
})

test('a subscriber is compared by what its subscription names: leaves or root, as they are sent', () => {
  const left = inventory(
    listed('users'),
    listed('parts', { kind: 'p' }),
    listed('parts_a', { root: { schema: 'public', table: 'parts' } }),
    listed('notes'),
    listed('totals', { kind: 'm' }),
  )
  const root = logical([subscription(['users', 'parts'])], [publication(['users', 'parts'])])
  const byRoot = select({ ...root, left })
  expect(names(byRoot)).toEqual(['public.parts', 'public.users'])
  expect(told(byRoot)).toBe(`primary → reports: tables public.notes: no subscription of reports carries them
primary → reports: materialized views public.totals: logical replication does not carry them`)
  const leaves = logical([subscription(['users', 'parts_a'])], [publication(['users', 'parts_a'])])
  expect(names(select({ ...leaves, left }))).toEqual(['public.parts_a', 'public.users'])
})

test('what is published and not subscribed, and what the publication has lost, are both looked at', () => {
  const left = inventory(listed('users'), listed('orders'), listed('kept'))
  const { tables } = select({
    ...logical([subscription(['users', 'kept'])], [publication(['users', 'orders'])]),
    left,
  })
  expect(tables.map(({ name, refused }) => [name, refused?.remedy ?? null])).toEqual([
    ['public.kept', null],
    ['public.orders', 'On reports: alter subscription sub refresh publication;'],
    ['public.users', null],
  ])
})

test('a publication that leaves deletes out excuses rows that differ', () => {
  const archive = publication(['users'], {
    publishes: { insert: true, update: true, delete: false, truncate: false },
  })
  const left = inventory(listed('users'))
  expect(select({ ...logical(undefined, [archive]), left }).tables[0]?.excuse).toMatch(/pub leaves out delete/)
  expect(select({ ...logical(undefined, [archive, publication(['users'])]), left }).tables[0]?.excuse).toBeNull()
})

test('a table that two subscriptions fill, or that both nodes write, is told as such', () => {
  const left = inventory(listed('users'))
  const feeds = [subscription(['users']), subscription(['users'], { name: 'shard2' })]
  expect(select({ ...logical(), left, feeds }).tables[0]?.excuse).toMatch(/sub and shard2 of reports both bring rows/)
  expect(select({ ...logical(), left, feeds: feeds.slice(0, 1) }).tables[0]).toMatchObject({ excuse: null, back: null })
  const back = [subscription(['users'], { name: 'back_sub' })]
  expect(select({ ...logical(), left, back }).tables[0]?.back).toBe('back_sub')
})

test('what the reading role may not read is unverifiable with the grant, on either node', () => {
  const grants = ['grant select on public.users to antemortem;']
  const there = inventory(listed('users', { grants }))
  expect(select({ left: there }).tables[0]?.refused?.remedy).toBe(`On primary: ${grants[0]}`)
  const onTarget = select({ ...logical(), left: inventory(listed('users')), right: there })
  expect(onTarget.tables[0]?.refused?.remedy).toBe(`On reports: ${grants[0]}`)
})

test('two nodes that are only declared: partitioned tables as a whole, what one lacks is said', () => {
  const left = inventory(
    listed('users'),
    listed('parts', { kind: 'p' }),
    listed('parts_a', { root: { schema: 'public', table: 'parts' } }),
    listed('gone'),
  )
  const right = inventory(listed('users'), listed('parts'), listed('new'))
  const selection = select({ pair: { left: 'a', right: 'b', follows: 'declared' }, left, right })
  expect(selection.tables.map(({ name, refused }) => [name, refused?.detail ?? null])).toEqual([
    ['public.users', null],
    ['public.parts', null],
    ['public.gone', 'b has no such table'],
  ])
  expect(told(selection)).toBe('a → b: tables public.new: only b has them')
})

test.each([
  ['public.users', true],
  ['users', true],
  ['us*', true],
  ['auth.*', false],
  ['public.*', true],
  ['user', false],
])('%s means public.users: %s', (glob, is) => {
  expect(isMeant([glob], listed('users'))).toBe(is)
})

test('the name of a partitioned table means its partitions', () => {
  const leaf = listed('parts_a', { root: { schema: 'public', table: 'parts' } })
  expect(isMeant(['public.parts'], leaf)).toBe(true)
  expect(names(select({ left: inventory(leaf, listed('users')) }, ['parts']))).toEqual(['public.parts_a'])
})

test('a pattern that means no table is refused with what there is', () => {
  const listing = inventory(listed('users'), listed('orders'))
  expect(() => assertMeant(['usres'], [listing], 0)).toThrow(/no table is meant by 'usres'/)
  expect(() => assertMeant(['users'], [listing], 0)).toThrow(/no pair of nodes shares a table/)
  expect(() => assertMeant(['users'], [listing], 1)).not.toThrow()
  expect(() => assertMeant([], [listing], 0)).not.toThrow()
})
