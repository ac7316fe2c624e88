import { expect, test } from 'vitest'
import { node, snapshot, subscription } from '../../../test/builders.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { followersWith } from './followers.ts'

const table = { schema: 'public', table: 'canary' }
const carried = snapshot({ subscriber: { subscriptions: [subscription(['canary'])] } })

/** With a standby of the subscriber, and a node that nobody feeds. */
const longer: Snapshot = {
  ...carried,
  nodes: [{ ...node('deep', 'standby'), upstream: 'subscriber' }, ...carried.nodes, node('alone', 'primary')],
}

test.each([
  ['standbys, and subscribers whose subscription lists the table', carried, 'primary', ['standby', 'subscriber']],
  [
    'no subscriber that does not have the table',
    snapshot({ subscriber: { subscriptions: [subscription(['users'])] } }),
    'primary',
    ['standby'],
  ],
  ['what follows those that follow', longer, 'primary', ['standby', 'subscriber', 'deep']],
  ['what follows the node of the contract, and nothing else', longer, 'subscriber', ['deep']],
  ['nobody, of a node that nobody follows', longer, 'alone', []],
])('a row is expected on %s', (_, seen, from, expected) => {
  expect(followersWith(seen, from, table)).toEqual(expected)
})
