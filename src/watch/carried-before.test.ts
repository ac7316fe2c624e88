import { expect, test } from 'vitest'
import { canary, publication, snapshot, subscription } from '../../test/builders.ts'
import type { NodeView } from '../core/snapshot.ts'
import { CarriedBefore } from './carried-before.ts'

const users = { schema: 'public', table: 'users' }
const onSubscriber = { ...users, source: 'primary', node: 'subscriber' }
const whole = { columns: null, rowFilter: null }

const nodes = (rowFilter: string | null, columns: readonly string[] | null = null): readonly NodeView[] =>
  snapshot({
    primary: { publications: [publication([], { tables: [{ schema: 'public', name: 'users', columns, rowFilter }] })] },
    subscriber: { subscriptions: [subscription(['users'])] },
  }).nodes

test('a filter and a column list that were always there are what is compared; a standby is compared whole', () => {
  const carried = new CarriedBefore()
  const filtered = nodes('(id > 5)', ['id'])
  carried.learn([users], filtered)
  carried.learn([users], filtered)
  expect(carried.of(onSubscriber, filtered, [])).toEqual({ columns: ['id'], rowFilter: '((id > 5))' })
  expect(carried.of({ ...onSubscriber, node: 'standby' }, filtered, [])).toEqual(whole)
})

test('of a publication that is narrowed while it is watched, what it carried before is compared, until the table is left alone', () => {
  const carried = new CarriedBefore()
  carried.learn([], nodes(null))
  const narrowed = nodes('(id > 5)')
  carried.learn([users], narrowed)
  carried.learn([users], narrowed)
  expect(carried.of(onSubscriber, narrowed, [])).toEqual(whole)
  carried.learn([], narrowed)
  carried.learn([users], narrowed)
  expect(carried.of(onSubscriber, narrowed, [])).toEqual({ columns: null, rowFilter: '((id > 5))' })
})

test('a table that was not carried before goes by what carries it now', () => {
  const carried = new CarriedBefore()
  carried.learn([], snapshot({ primary: { publications: [publication([])] } }).nodes)
  carried.learn([users], nodes('(id > 5)'))
  expect(carried.of(onSubscriber, nodes('(id > 5)'), [])).toMatchObject({ rowFilter: '((id > 5))' })
})

test('where a declared canary that reads the table is answered otherwise, all of it is compared', () => {
  const carried = new CarriedBefore()
  const filtered = nodes('(id > 5)')
  expect(carried.of(onSubscriber, filtered, [canary(['a', 'a', 'b'])])).toEqual(whole)
  expect(carried.of(onSubscriber, filtered, [canary()])).toMatchObject({ rowFilter: '((id > 5))' })
})
