import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './database-not-carried.ts'

test.each([['create database billing', { cluster: {} }, ['warning primary:database billing @ subscriber']]])(
  '%j: a new database is told of the subscribers that never get it',
  async (text, scene, expected) => {
    expect(await reviewed(rule, text, scene)).toEqual(expected)
  },
)

test.each([
  ['create schema billing', { cluster: {} }, []],
  [
    `-- antemortem:on subscriber
create database billing`,
    { cluster: {} },
    [],
  ],
])('%j: a schema is no database, and on the subscriber itself it is there', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
