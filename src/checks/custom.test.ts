import { expect, test } from 'vitest'
import type { InvariantFact } from '../core/facts/cluster.ts'
import { findingsOf, snapshot, t0 } from '../../test/builders.ts'
import { inspect } from '../findings/inspect.ts'
import { customCheck, withCustomChecks } from './custom.ts'

const invariant = { name: 'one-admin', sql: 'select count(*) from admins', expect: '1', on: [] }
const check = customCheck(invariant)
const fact = (more: Partial<InvariantFact> = {}): InvariantFact => ({
  name: 'one-admin',
  node: 'primary',
  atMs: t0,
  value: '1',
  expected: '1',
  ok: true,
  problem: null,
  ...more,
})
const found = (...invariants: readonly InvariantFact[]) => findingsOf(check, snapshot({ facts: { invariants } }))

test('an invariant that fails is found under its own name, on its node', () => {
  expect(found(fact({ ok: false, value: '2' }))).toMatchObject([
    {
      check: 'custom/one-admin',
      subject: 'primary:custom/one-admin',
      severity: 'error',
      evidence: { value: '2', expect: '1' },
    },
  ])
})

test('one that cannot be asked is neither a violation nor health: its node is blind', () => {
  const invariants = [fact({ ok: false, value: null, problem: 'permission denied for table admins' })]
  expect(inspect([check], snapshot({ facts: { invariants } }), [])).toMatchObject([
    { found: [], blind: [{ node: 'primary', why: 'no-privilege' }] },
  ])
})

test('one that holds, and one of another name, are no finding of this check', () => {
  expect(found(fact(), fact({ name: 'other', ok: false, value: '9' }))).toEqual([])
})

test('each cluster has the catalogue’s checks and its own', () => {
  expect(withCustomChecks([check], [{ ...invariant, name: 'other' }]).map(({ id }) => id)).toEqual([
    'custom/one-admin',
    'custom/other',
  ])
})
