import { expect, test } from 'vitest'
import type { TableRights } from '../../../engines/postgres/ddl/table-rights.ts'
import { login, rehearsal } from '../../testing/rehearsal.ts'
import rule from './rights-lost.ts'

const run = (rights: readonly TableRights[]) => [
  ...rule.run(rehearsal({ logins: { before: [login()], after: [login({ rights })] } })),
]
const on = (table: string, rights: readonly string[], barred: readonly string[] = []): TableRights => ({
  role: 'app',
  schema: 'public',
  table,
  rights,
  barred,
})

test('a right that a contract has no more is named with its table', () => {
  expect(run([on('users', ['select'])])).toMatchObject([
    { object: 'primary:public.users', message: expect.stringContaining('insert, update, delete') },
  ])
})

test('more rights, a table that is gone, and a node that did not answer are no finding', () => {
  expect(run([on('users', ['select', 'insert', 'update', 'delete', 'truncate'])])).toEqual([])
  expect(run([on('others', ['select'])])).toEqual([])
  expect(run([])).toEqual([])
})

test('a table of whose rows no policy shows any is named, though no right is lost', () => {
  const all = ['select', 'insert', 'update', 'delete']
  expect(run([on('users', all, ['select'])])).toMatchObject([
    { object: 'primary:public.users', message: expect.stringContaining('no policy is for select') },
  ])
})
