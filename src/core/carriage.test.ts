import { describe, expect, test } from 'vitest'
import { publication, subscription } from '../../test/builders.ts'
import { carriage, carryingOrders, type Carriage } from './carriage.ts'

const place = { publisher: 'primary', subscriber: 'subscriber', schema: 'public', table: 'keys' }
const orders = (carried: Carriage) => carryingOrders(carried, place)
const refresh = 'on subscriber: alter subscription sub refresh publication;'
const add = 'on primary: alter publication pub add table public.keys;'
const drop = 'on primary: alter publication pub drop table public.keys;'
const empty = 'on subscriber: truncate public.keys;'

describe('what closes a gap', () => {
  test('a table that is new to the publication is added, with word that its twin must be empty', () => {
    const carried = carriage([publication([])], [subscription([])], 'public', 'keys')
    expect(carried).toMatchObject({ gap: 'not-in-publication', subscribed: false })
    expect(orders(carried).commands).toEqual([add, refresh])
    expect(orders(carried).words).toContain('must be empty')
  })

  test('a table that the subscription still lists is forgotten first: else the refresh would copy nothing', () => {
    const carried = carriage([publication([])], [subscription(['keys'])], 'public', 'keys')
    expect(carried).toMatchObject({ gap: 'not-in-publication', subscribed: true })
    expect(orders(carried).commands).toEqual([refresh, empty, add, refresh])
  })

  test('a forgotten refresh is a refresh', () => {
    expect(orders(carriage([publication(['keys'])], [subscription([])], 'public', 'keys')).commands).toEqual([refresh])
  })

  test.each([
    ['row-filter', { columns: null, rowFilter: 'id < 500' }],
    ['column-list', { columns: ['id'], rowFilter: null }],
  ])('what a %s left out is copied anew', (gap, more) => {
    const partly = publication([], { tables: [{ schema: 'public', name: 'keys', ...more }] })
    const carried = carriage([partly], [subscription(['keys'])], 'public', 'keys')
    expect(carried.gap).toBe(gap)
    expect(orders(carried).commands).toEqual([drop, refresh, empty, add, refresh])
    expect(orders(carried).words).toContain('alter publication pub set table')
  })

  const inserts = { insert: true, update: false, delete: false, truncate: false }
  const set = "on primary: alter publication pub set (publish = 'insert, update, delete, truncate');"

  test('operations are set, and the table is copied anew', () => {
    const carried = carriage(
      [publication(['keys'], { publishes: inserts })],
      [subscription(['keys'])],
      'public',
      'keys',
    )
    expect(orders(carried).commands).toEqual([set, drop, refresh, empty, add, refresh])
  })

  test('what a publication carries by a rule cannot be taken out of it', () => {
    for (const rule of [{ allTables: true }, { schemas: ['public'] }]) {
      const all = publication(['keys'], { publishes: inserts, ...rule })
      expect(orders(carriage([all], [subscription(['keys'])], 'public', 'keys')).commands).toEqual([set])
    }
  })

  test('a publication that is gone gets no command with an empty name', () => {
    const carried = carriage([], [subscription(['keys'])], 'public', 'keys')
    expect(carried.detail).toContain('there is no publication pub')
    expect(orders(carried).commands).toEqual([])
  })

  test('names are quoted where they must be', () => {
    const carried = carriage([publication([])], [subscription([])], 'public', 'Keys')
    expect(carryingOrders(carried, { ...place, table: 'Keys' }).commands[0]).toContain('public."Keys"')
  })
})

test('of several publications and subscriptions those are named that have the table', () => {
  const other = publication(['users'], { name: 'first' })
  const own = publication([], {
    name: 'second',
    tables: [{ schema: 'public', name: 'keys', columns: ['id'], rowFilter: null }],
  })
  const subscriptions = [
    subscription(['users'], { name: 'one', publications: ['first'] }),
    subscription(['keys'], { name: 'two', publications: ['second'] }),
  ]
  expect(carriage([other, own], subscriptions, 'public', 'keys')).toMatchObject({
    publications: ['second', 'first'],
    subscription: 'two',
  })
  const fresh = subscriptions.map((one) => ({ ...one, tables: [] }))
  expect(carriage([other, own], fresh, 'public', 'keys')).toMatchObject({ gap: 'not-refreshed', subscription: 'two' })
})
