import { expect, test } from 'vitest'
import type { ApplyResult } from '../../rehearsal.ts'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './apply-stops.ts'

const run = (apply: Partial<ApplyResult>) => [
  ...rule.run(
    rehearsal({
      applies: [
        {
          node: 'subscriber',
          subscription: 'sub',
          before: 3,
          polls: [3],
          code: '55000',
          relation: 'public.users',
          message: 'logical replication target relation "public.users" is missing replicated column: "x"',
          ...apply,
        },
      ],
    }),
  ),
]

test('errors that grow from poll to poll are a subscription that stands still', () => {
  expect(run({ polls: [4, 6] })).toMatchObject([
    {
      object: 'subscriber:public.users',
      consequence: 'replication/schema-drift',
      severity: 'error',
      message: expect.stringContaining('missing replicated column'),
      about: ['public.users'],
    },
  ])
})

test('a subscription that stood still before the change is a warning', () => {
  const apply = {
    node: 'subscriber',
    subscription: 'sub',
    before: 0,
    polls: [2, 4],
    message: null,
    code: null,
    relation: null,
  }
  const found = [...rule.run(rehearsal({ applies: [apply], already: { canaries: [], applies: [apply] } }))]
  expect(found).toMatchObject([{ severity: 'warning', message: expect.stringContaining('already') }])
})

test('errors that came and went are a warning: the order of the sections is wrong', () => {
  expect(run({ polls: [9, 9] })).toMatchObject([{ severity: 'warning' }])
})

test.each([[[3, 3]], [[4, 4]]])('%j is what a planned restart counts', (polls) => {
  expect(run({ polls })).toEqual([])
})

test.each([
  ['23502', 'null value in column "x"', 'replication/apply-conflict'],
  ['22P02', 'invalid input value for enum', 'replication/schema-drift'],
  ['55000', 'target relation has neither REPLICA IDENTITY index nor PRIMARY KEY', 'replication/replica-identity'],
])('%s %j would become %s', (code, message, consequence) => {
  expect(run({ polls: [4, 6], code, message })).toMatchObject([{ consequence }])
})
