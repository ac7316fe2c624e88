import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './connection-limit.ts'

test.each([['alter role app connection limit 1', {}, ['warning primary:role app @ primary']]])(
  '%j: a limit that is passed, or soon will be, is told',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)

test.each([
  ['alter role app connection limit 200', {}, []],
  ['alter role app connection limit -1', {}, []],
])('%j: room, and no limit, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
