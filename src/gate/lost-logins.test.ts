import { expect, test } from 'vitest'
import type { ReplicationResult } from '../contracts/examine/replication.ts'
import { lostLogins } from './lost-logins.ts'

const login = (more: Partial<ReplicationResult> = {}): ReplicationResult => ({
  node: 'standby',
  kind: 'standby',
  name: null,
  host: 'db1',
  port: 5432,
  user: 'replicator',
  slot: null,
  ok: true,
  from: 'here',
  layer: null,
  code: null,
  message: 'streaming (a new login from here is let in, 7 ms)',
  remedy: null,
  ...more,
})
const refused = { ok: false, layer: 'access', code: '28000', message: 'no line', remedy: 'Add it.' } as const

test.each([
  ['refused since', login(), login(refused), ['standby']],
  ['refused before as well', login(refused), login(refused), []],
  ['not tried before', login({ from: null }), login(refused), []],
  ['refused on a way that is not its own', login(), login({ ...refused, ok: true }), []],
  ['another one', login({ node: 'other' }), login(refused), []],
])('a login that is %s', (_, was, is, objects) => {
  expect(lostLogins([was], [is]).map(({ object }) => object)).toEqual(objects)
})

test('it is told with what it becomes', () => {
  const sub = { node: 'reports', kind: 'subscription', name: 'sub' } as const
  const [lost] = lostLogins([login(sub)], [login({ ...sub, ...refused, layer: 'latency' })])
  expect(lost).toEqual({
    object: 'reports:subscription sub',
    node: 'reports',
    consequence: 'replication/subscriber-disconnected',
    message: 'subscription sub on reports can no longer log in at whom it follows: no line',
    remedy: 'Add it.',
  })
})
