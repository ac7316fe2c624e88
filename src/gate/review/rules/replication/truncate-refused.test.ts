import { expect, test } from 'vitest'
import { table } from '../../../../../test/builders.ts'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './truncate-refused.ts'

const referring = {
  subscriber: {
    tables: [table('users'), table('seen', { constraints: ['FOREIGN KEY (user_id) REFERENCES users(id)'] })],
  },
}

test.each([['truncate users', { cluster: referring }, ['error subscriber:public.users @ subscriber']]])(
  '%j: a truncate that the subscriber refuses is told',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)

test.each([
  ['truncate users', { cluster: {} }, []],
  ['truncate other', { cluster: referring }, []],
])('%j: without a table that refers to it there it is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
