import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './database-renamed.ts'

test.each([['alter database auth rename to login', {}, ['error primary:database auth @ primary']]])(
  '%j: a database of another name is told',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)

test.each([['alter schema shop rename to store', {}, []]])(
  '%j: a schema of another name is no database',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)
