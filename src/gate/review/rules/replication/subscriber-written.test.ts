import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './subscriber-written.ts'

test.each([
  [
    `-- antemortem:on subscriber
insert into users (id) values (1)`,
    { cluster: {} },
    ['error subscriber:public.users @ subscriber'],
  ],
  [
    `-- antemortem:on subscriber
delete from users where id = 1`,
    { cluster: {} },
    ['error subscriber:public.users @ subscriber'],
  ],
])('%j: rows that the subscriber writes into what it receives are told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `-- antemortem:on subscriber
insert into report values (1)`,
    { cluster: {} },
    [],
  ],
  ['insert into users (id) values (1)', { cluster: {} }, []],
])('%j: its own tables it may write', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})
