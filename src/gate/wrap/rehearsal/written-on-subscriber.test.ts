import { expect, test } from 'vitest'
import { subscription } from '../../../../test/builders.ts'
import { differencesBetween } from '../differences.ts'
import type { TableContents } from '../moment.ts'
import { moment, rowsOf } from '../testing/wrapped.ts'
import { writtenOnSubscriber } from './written-on-subscriber.ts'

type Rows = readonly [was: TableContents, is: TableContents]
const cluster = { subscriber: { subscriptions: [subscription(['orders'])] } }
const rows = (node: string, was: number, is: number): Rows => [rowsOf(node, 'orders', was), rowsOf(node, 'orders', is)]

function found(...tables: readonly Rows[]) {
  const contents = [tables.map(([was]) => was), tables.map(([, is]) => is)] as const
  const [before, now] = contents.map((of) => moment(cluster, { contents: of }))
  if (!before || !now) throw new Error('two moments')
  const writers = new Map([['subscriber', [{ schema: 'public', table: 'orders', roles: ['job'] }]]])
  const changes = differencesBetween(before, now)
  return writtenOnSubscriber({ primary: 'primary', after: now.snapshot, contents, writers, changes })
}

test('rows that only the subscriber has got are told with who may write there', () => {
  expect(found(rows('primary', 3, 3), rows('subscriber', 3, 4))).toMatchObject([
    {
      rule: 'replication/subscriber-written',
      object: 'subscriber:public.orders',
      nodes: ['subscriber'],
      severity: 'error',
      message: expect.stringContaining('Who may write it there: job.'),
      remedy: expect.stringContaining('revoke insert'),
    },
  ])
})

test.each([
  ['what the primary has got as well', rows('primary', 3, 4), rows('subscriber', 3, 4)],
  ['what was only on its way', rows('primary', 4, 4), rows('subscriber', 3, 4)],
])('%s is nobody else’s', (_, primary, subscriber) => {
  expect(found(primary, subscriber)).toEqual([])
})
