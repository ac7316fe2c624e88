import { expect, test } from 'vitest'
import type { ComparedTable, Rehearsal } from '../../rehearsal.ts'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './rows-differ.ts'

const compared = (more: Partial<ComparedTable> = {}): readonly ComparedTable[] => [
  { schema: 'public', table: 'users', node: 'subscriber', verdict: 'different', detail: null, ...more },
]
const run = (more: Partial<Rehearsal>) => [...rule.run(rehearsal(more))]

test('a touched table that has other rows on a node that carries it is named', () => {
  expect(run({ compared: compared() })).toMatchObject([{ object: 'subscriber:public.users', nodes: ['subscriber'] }])
})

test('equal, lagging and unverifiable tables are no finding', () => {
  for (const verdict of ['equal', 'lagging', 'unverifiable'] as const)
    expect(run({ compared: compared({ verdict }) })).toEqual([])
})

test('what a test row or a standing subscription says already is not said twice', () => {
  const applies = [
    { node: 'subscriber', subscription: 'sub', before: 0, polls: [1, 2], message: null, code: null, relation: null },
  ]
  expect(run({ compared: compared(), applies })).toEqual([])
  const canaries = [
    {
      schema: 'public',
      table: 'users',
      node: 'subscriber',
      step: 'insert',
      outcome: 'missing',
      detail: null,
      code: null,
    } as const,
  ]
  expect(run({ compared: compared(), canaries })).toEqual([])
})
