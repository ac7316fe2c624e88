import { expect, test } from 'vitest'
import type { CanaryResult } from '../../rehearsal.ts'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './canary-missing.ts'

const canary = (more: Partial<CanaryResult>): CanaryResult => ({
  schema: 'public',
  table: 'users',
  node: 'standby',
  step: 'insert',
  outcome: 'shown',
  detail: null,
  code: null,
  ...more,
})
const run = (canaries: readonly CanaryResult[], polls: readonly number[] = []) => [
  ...rule.run(
    rehearsal({
      canaries,
      applies: [
        { node: 'subscriber', subscription: 'sub', before: 0, polls, message: null, code: null, relation: null },
      ],
    }),
  ),
]

test('a row that never showed is named once, by its first step', () => {
  const found = run([canary({ outcome: 'missing' }), canary({ step: 'update', outcome: 'missing' })])
  expect(found).toMatchObject([{ object: 'standby:public.users', nodes: ['standby'] }])
  expect(found[0]?.message).toContain('insert')
})

test('a row that arrived otherwise says how', () => {
  expect(run([canary({ outcome: 'different', detail: 'amount is 1.01, not 1.005' })])[0]?.message).toContain('1.005')
})

test('rows behind a subscription that stands still are its finding, not theirs', () => {
  const canaries = [canary({ node: 'subscriber', outcome: 'missing' })]
  expect(run(canaries, [1, 2])).toEqual([])
  expect(run(canaries, [1, 1])).toHaveLength(1)
})

test('rows that showed, and rows that no kind of value was found for, are no finding', () => {
  expect(run([canary({}), canary({ node: 'primary', outcome: 'refused' })])).toEqual([])
})

test('all tables of one node are one finding', () => {
  const canaries = ['a', 'b', 'c', 'd'].map((table) => canary({ table, outcome: 'missing' }))
  expect(run(canaries)).toMatchObject([{ object: 'standby', about: ['public.a', 'public.b', 'public.c', 'public.d'] }])
})

test('what test rows met before the change is not its fault', () => {
  const canaries = [canary({ outcome: 'missing' })]
  expect([...rule.run(rehearsal({ canaries, already: { canaries, applies: [] } }))]).toEqual([])
})
