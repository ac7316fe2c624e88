import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './subscriber-rewrites-rows.ts'

test.each([
  [
    `-- antemortem:on subscriber
alter table users enable always trigger mask`,
    { cluster: {} },
    ['error subscriber:public.users @ subscriber'],
  ],
  [
    `-- antemortem:on subscriber
alter table users enable replica trigger mask`,
    { cluster: {} },
    ['error subscriber:public.users @ subscriber'],
  ],
])('%j: a trigger that replicated rows fire is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `-- antemortem:on subscriber
alter table users enable trigger mask`,
    { cluster: {} },
    [],
  ],
  ['alter table users enable always trigger mask', { cluster: {} }, []],
])('%j: an ordinary trigger, and one of the publisher, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
