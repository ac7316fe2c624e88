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

test('one that lives and refuses the login is told from one that is gone', () => {
  const refuses = { ...path(false), reached: true, detail: 'password authentication failed' }
  const [found] = findingsOf(check, snapshot({ facts: { paths: [refuses, { ...path(true), from: 'elsewhere' }] } }))
  expect(found).toMatchObject({ evidence: { reached: true, other_paths_that_work: 1 } })
  expect(found?.message).toContain('lives and refuses')
})
