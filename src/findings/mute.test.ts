import { expect, test } from 'vitest'
import { finding, t0 } from '../../test/builders.ts'
import { defineCheck } from '../core/check.ts'
import type { Mute } from '../core/configuration.ts'
import { endedMutes, withMutes } from './mute.ts'
import { settle } from './settle.ts'

const mute = (more: Partial<Mute> = {}): Mute => ({
  check: 'replication/lag-time',
  subject: null,
  owner: 'ann',
  reason: 'it is being moved',
  untilMs: t0 + 1000,
  ...more,
})
const result = {
  check: 'replication/lag-time',
  looked: ['reports'],
  blind: [],
  found: [finding('replication/lag-time')],
}
const subject = result.found[0]?.subject ?? ''
const mutedBy = (mutes: readonly Mute[], atMs = t0) => withMutes([result], mutes, atMs)[0]?.found[0]?.muted

test('a finding is muted by its check or a pattern, and by its subject where one is named', () => {
  expect(mutedBy([mute()])).toEqual({ owner: 'ann', reason: 'it is being moved', untilMs: t0 + 1000 })
  expect(mutedBy([mute({ check: 'replication/*', subject })])).toBeDefined()
  expect(mutedBy([mute({ subject: 'another' })])).toBeUndefined()
  expect(mutedBy([mute({ check: 'replication/lag' })])).toBeUndefined()
  expect(mutedBy([])).toBeUndefined()
})

test('of several mutes the longest counts, and none after its end', () => {
  expect(mutedBy([mute(), mute({ owner: 'bob', untilMs: t0 + 2000 })])?.owner).toBe('bob')
  expect(mutedBy([mute()], t0 + 1000)).toBeUndefined()
  expect(endedMutes([mute(), mute({ untilMs: t0 + 2000 })], t0 + 1000)).toEqual([mute()])
})

test('a mute that ends makes the finding news again, with its first moment', () => {
  const check = defineCheck({
    id: result.check,
    on: ['postgres'],
    severity: 'warning',
    needs: [],
    question: '?',
    seeds: [],
    *run() {},
  })
  const muted = settle(new Map(), [check], withMutes([result], [mute()], t0), t0)
  expect(muted.opened).toMatchObject([{ muted: { owner: 'ann' } }])
  expect(settle(muted.state, [check], withMutes([result], [mute()], t0 + 500), t0 + 500).opened).toEqual([])
  const heard = settle(muted.state, [check], withMutes([result], [mute()], t0 + 1000), t0 + 1000)
  expect(heard.opened).toMatchObject([{ sinceMs: t0 }])
  expect(heard.opened[0]?.muted).toBeUndefined()
  // Muting what is open is no news, and does not close it.
  expect(
    settle(heard.state, [check], withMutes([result], [mute({ untilMs: t0 + 9000 })], t0 + 2000), t0 + 2000),
  ).toMatchObject({
    opened: [],
    closed: [],
  })
})
