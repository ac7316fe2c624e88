import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './column-not-on-subscriber.ts'

test.each([
  ['alter table users add column phone text', { cluster: {} }, ['error subscriber:public.users @ subscriber']],
  [
    `alter table users add column phone text;
-- antemortem:on subscriber
alter table users add column phone text`,
    { cluster: {} },
    ['warning subscriber:public.users @ subscriber'],
  ],
  [
    `-- antemortem:on subscriber
alter table users drop column password_hash`,
    { cluster: {} },
    ['error subscriber:public.users @ subscriber'],
  ],
])('%j: a column that only the publisher gets is told of the subscriber that stops', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  [
    `-- antemortem:on subscriber
alter table users add column phone text;
-- antemortem:on primary
alter table users add column phone text`,
    { cluster: {} },
    [],
  ],
  ['alter table users add column twice int generated always as (id * 2) stored', { cluster: {} }, []],
  ['alter table users add column phone text', {}, []],
])('%j: the right order, a generated column and the text alone are let pass', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test('one statement for several nodes runs on them in the order in which it names them', async () => {
  const add = 'alter table users add column phone text'
  const on = async (nodes: string) => reviewed(rule, `-- antemortem:on ${nodes}\n${add}`, { cluster: {} })
  expect(await on('subscriber, primary')).toEqual([])
  expect(await on('primary, subscriber')).toEqual(['warning subscriber:public.users @ subscriber'])
})
