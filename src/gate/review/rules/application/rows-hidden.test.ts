import { expect, test } from 'vitest'
import { table } from '../../../../../test/builders.ts'
import { reviewed } from '../../testing/reviewed.ts'
import rule from './rows-hidden.ts'

const users = 'warning primary:public.users @ primary'
const enable = 'alter table users enable row level security'
const login = (role: string) => [
  { who: 'contract login', role, database: 'auth', address: '10.0.0.7', tls: false, node: 'primary' },
]
const cluster = { primary: { tables: [table('users', { owner: 'shop' })] } }

test.each([
  [enable, {}],
  ['alter table users force row level security', {}],
  [enable, { cluster }],
  [enable, { cluster, logins: login('app') }],
  [`do $$ begin ${enable}; end $$`, {}],
])('%j: rows that nobody may see any more are told', async (text, scene) => {
  expect(await reviewed(rule, text, scene)).toEqual([users])
})

test.each([
  ['a policy beside it', `${enable}; create policy p on users using (true)`, {}],
  ['a table of its own', 'create table users (id int); alter table users enable row level security', {}],
  ['the owner alone', enable, { cluster, logins: login('shop') }],
  ['the subscriber', `-- antemortem:on subscriber\n${enable}`, { cluster }],
  ['it is taken away', 'alter table users disable row level security', {}],
])('%s is well', async (_, text, scene) => {
  expect(await reviewed(rule, text, scene)).toEqual([])
})
