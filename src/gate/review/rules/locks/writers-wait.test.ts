import { expect, test } from 'vitest'
import { table } from '../../../../../test/builders.ts'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './writers-wait.ts'

const large = { primary: { tables: [table('users', { rowsEstimated: 200_000 })] } }

test.each([
  ['create index on users (password_hash)', {}, ['warning primary:public.users @ primary']],
  [
    'alter table users add constraint f foreign key (id) references other (id)',
    { cluster: large },
    ['warning primary:public.users @ primary'],
  ],
  [
    'alter table users alter column password_hash set not null',
    { cluster: large },
    ['warning primary:public.users @ primary'],
  ],
  [
    'alter table users add constraint u unique (password_hash)',
    { cluster: large },
    ['warning primary:public.users @ primary'],
  ],
])('%j: what reads a large table while writers wait is told', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test.each([
  ['create index on users (password_hash)', { cluster: {} }, []],
  ['create index concurrently on users (password_hash)', {}, []],
  [
    `create table a (id int);
create index on a (id)`,
    {},
    [],
  ],
  ['alter table users add constraint f foreign key (id) references other (id) not valid', {}, []],
  [
    `alter table users add constraint c check (id > 0) not valid;
alter table users validate constraint c;
alter table users alter column id set not null`,
    {},
    [],
  ],
])('%j: small and new tables, and the ways that let writers go on, are well', async (text, scene, expected) => {
  expect(await reviewed(rule, text, scene)).toEqual(expected)
})

test('an index that is built anew lets writers wait, unless it is told not to', async () => {
  expect(await reviewed(rule, 'reindex table users')).toEqual(['warning primary:public.users @ primary'])
  expect(await reviewed(rule, 'reindex table concurrently users')).toEqual([])
})
