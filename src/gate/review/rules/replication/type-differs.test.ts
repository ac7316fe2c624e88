import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './type-differs.ts'

test.each([
  ['alter table users alter column id type bigint', { cluster: {} }, ['error subscriber:public.users @ subscriber']],
  [
    `alter table users alter column id type bigint;
-- antemortem:on subscriber
alter table users alter column id type bigint`,
    { cluster: {} },
    ['warning subscriber:public.users @ subscriber'],
  ],
])('%j: a wider type on the publisher alone is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `-- antemortem:on subscriber
alter table users alter column id type bigint;
-- antemortem:on primary
alter table users alter column id type bigint`,
    { cluster: {} },
    [],
  ],
  ['alter table users alter column id type smallint', { cluster: {} }, []],
])('%j: a subscriber that holds the new type already is well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
