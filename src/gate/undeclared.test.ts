import { expect, test } from 'vitest'
import { column, role, table } from '../../test/builders.ts'
import { rehearsal, resultsOf } from './testing/rehearsal.ts'
import { undeclaredIn } from './undeclared.ts'

const longer = table('users', {
  columns: [column('id', 'integer', { notNull: true }), column('password_hash'), column('x')],
})
const run = async (text: string, more: Parameters<typeof rehearsal>[0], touched: readonly string[] = []) => {
  const results = await resultsOf({ name: 'm.sql', text })
  const { changed } = rehearsal(more)
  // Seen a moment later.
  const later = { ...changed, nodes: changed.nodes }
  return undeclaredIn(rehearsal({ results: results.map((one) => ({ ...one, touched })), changed: later }))
}

test('what a statement names is no surprise', async () => {
  expect(await run('alter table users add column x text', { is: { primary: { tables: [longer] } } })).toEqual([])
})

test('an index that is dropped by its own name is no surprise, though its table is another then', async () => {
  const is = { primary: { tables: [table('users', { indexes: [] })] } }
  expect(await run('drop index users_pkey', { is })).toEqual([])
})

test('what no statement names is told, as a change', async () => {
  const is = {
    primary: {
      tables: [longer],
      roles: [role('app', { canLogin: false }), role('antemortem'), role('replicator', { replication: true })],
    },
  }
  expect(await run('select install()', { is })).toMatchObject([
    { kind: 'schema', object: 'primary:public.users', source: 'gate' },
    { kind: 'role', object: 'primary:role app' },
  ])
})

test('rows that a trigger writes elsewhere are told', async () => {
  expect(await run('update users set id = 1', {}, ['public.users', 'public.audit'])).toMatchObject([
    { kind: 'data', object: 'primary:public.audit', after: 'rows, by m.sql:1' },
  ])
})
