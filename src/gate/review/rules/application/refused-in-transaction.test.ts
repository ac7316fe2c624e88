import { expect, test } from 'vitest'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './refused-in-transaction.ts'

const index = 'create index concurrently i on a (b)'

test.each([
  [`begin; ${index}; commit`, 'm.sql', 'error m.sql#create index concurrently @ primary'],
  [`do $$ begin drop index concurrently i; end $$`, 'm.sql', 'error m.sql#drop index concurrently @ primary'],
  [`begin; alter system set work_mem = '1MB'; commit`, 'm.sql', 'error m.sql#alter system @ primary'],
  [`${index}; select 1`, '1/migration.sql', 'warning 1/migration.sql#create index concurrently @ primary'],
  [`select 1; vacuum a`, '1_a.up.sql', 'warning 1_a.up.sql#vacuum @ primary'],
  [`select 1; reindex table concurrently a`, 'V1__a.sql', 'warning V1__a.sql#reindex @ primary'],
  [
    `-- antemortem:on subscriber\nbegin; alter subscription s refresh publication; commit`,
    'm.sql',
    'error m.sql#alter subscription … refresh publication @ subscriber',
  ],
])('%j in %s is told', async (text, file, expected) => {
  expect(await reviewed(rule, text, { file })).toEqual([expected])
})

test.each([
  ['alone in its file', index, 'V1__a.sql'],
  ['where each statement stands for itself', `${index}; select 1`, '0001_a.sql'],
  ['behind the end of a transaction', `begin; select 1; commit; ${index}`, 'm.sql'],
  ['what a transaction takes', 'begin; create index i on a (b); alter subscription s disable; commit', 'm.sql'],
])('%s is well', async (_, text, file) => {
  expect(await reviewed(rule, text, { file })).toEqual([])
})
