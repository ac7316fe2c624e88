import { expect, test } from 'vitest'
import { node, t0 } from '../../test/builders.ts'
import { unseen } from '../core/observation.ts'
import { pathOf } from './path.ts'

const { facts } = node('primary', 'primary')
const fast = { node: 'primary', atMs: t0, tookMs: 2, facts }
const link = {
  name: 'primary',
  from: 'here',
  lastAttempt: { atMs: t0 - 60_000, ok: true, ms: 15, detail: null, reached: true },
}

test('on a kept connection the round trip is the measure', () => {
  expect(pathOf(link, fast, null, t0 + 5)).toEqual({
    from: 'here',
    node: 'primary',
    atMs: t0,
    ok: true,
    ms: 2,
    reached: true,
    detail: null,
  })
})

test('a new connection is measured as such, with connecting', () => {
  const anew = { ...link, lastAttempt: { atMs: t0 - 1, ok: true, ms: 15, detail: null, reached: true } }
  expect(pathOf(anew, fast, null, t0 + 5)).toMatchObject({ atMs: t0 - 1, ok: true, ms: 15 })
})

test('a node that does not answer, and one that cannot be reached, say so', () => {
  expect(pathOf(link, fast, t0 + 1000, t0 + 1900)).toMatchObject({ ok: false, ms: 900, detail: 'no answer for 900 ms' })
  const gone = unseen('unreachable', 'connect ECONNREFUSED', 'start it')
  const refused = {
    ...link,
    lastAttempt: { atMs: t0, ok: false, reached: false, ms: 1, detail: 'connect ECONNREFUSED' },
  }
  expect(pathOf(refused, { ...fast, tookMs: 0, facts: { server: gone } }, null, t0)).toMatchObject({
    ok: false,
    ms: 1,
    detail: 'connect ECONNREFUSED',
  })
})
