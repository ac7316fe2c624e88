import { expect, test } from 'vitest'
import { findingsOf, snapshot, t0 } from '../../../test/builders.ts'
import check from './reachable.ts'

const path = (ok: boolean) => ({
  from: 'here',
  node: 'primary',
  atMs: t0,
  ok,
  reached: ok,
  ms: 2,
  detail: ok ? null : 'ECONNREFUSED',
})

test('a node that does not answer is found, with the path that was tried', () => {
  expect(findingsOf(check, snapshot({ facts: { paths: [path(false)] } }))).toMatchObject([
    { subject: 'here→primary', node: 'primary' },
  ])
})

test('a node that answers slowly is no finding here', () => {
  expect(findingsOf(check, snapshot({ facts: { paths: [{ ...path(true), ms: 900 }] } }))).toEqual([])
})
