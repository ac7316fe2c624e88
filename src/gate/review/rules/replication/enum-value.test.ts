import { expect, test } from 'vitest'
import { table, column } from '../../../../../test/builders.ts'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './enum-value.ts'

const moody = {
  subscriber: { tables: [table('users', { columns: [column('id', 'integer'), column('feeling', 'mood')] })] },
}

test.each([
  [`alter type mood add value 'bored'`, { cluster: moody }, ['error subscriber:public.users @ subscriber']],
  [
    `alter type mood add value 'bored';
-- antemortem:on subscriber
alter type mood add value 'bored'`,
    { cluster: moody },
    ['warning subscriber:public.users @ subscriber'],
  ],
])(
  '%j: a label that a subscriber does not know is told of each table that may send it',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)

test.each([
  [`alter type other add value 'x'`, { cluster: moody }, []],
  [
    `-- antemortem:on subscriber
alter type mood add value 'bored';
-- antemortem:on primary
alter type mood add value 'bored'`,
    { cluster: moody },
    [],
  ],
])('%j: a type of no carried table, and the right order, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
