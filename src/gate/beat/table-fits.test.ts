import { expect, test } from 'vitest'
import type { SeenCanaryTable } from '../../engines/postgres/act/canary-table.ts'
import { misfitOf } from './table-fits.ts'

type Found = NonNullable<SeenCanaryTable['found']>

const found: Found = {
  kind: 'r',
  persistence: 'p',
  isOpen: true,
  rights: ['select', 'insert', 'update'],
  columns: [
    { name: 'name', type: 'text' },
    { name: 'beat', type: 'text' },
  ],
  hasKey: true,
}
const seen = { user: 'Web', isStandby: false, isReadOnly: false, found }
const misfit = (is: Partial<SeenCanaryTable>) =>
  misfitOf({ ...seen, ...is }, { schema: 'app', table: 'beats' }, 'primary')
const of = (is: Partial<Found>) => misfit({ found: { ...found, ...is } })

test('a table that is made for it fits, whatever the order of its columns', () => {
  expect(misfit({})).toBeNull()
  expect(of({ columns: found.columns.toReversed() })).toBeNull()
})

test.each([
  [
    'is not there',
    misfit({ found: null }),
    'primary has no table app.beats',
    'create table app.beats (name text primary',
  ],
  ['is a view', of({ kind: 'v' }), 'is no plain table', 'create table'],
  ['is unlogged', of({ persistence: 'u' }), 'never sent to another node', 'set logged'],
  [
    'has more columns: somebody else keeps rows there',
    of({ columns: [...found.columns, { name: 'email', type: 'text' }] }),
    'has the columns name text, beat text, email text',
    'Name a table that is made for it',
  ],
  ['has another type', of({ columns: [{ name: 'name', type: 'integer' }] }), 'has the columns name integer', 'create'],
  ['has no key', of({ hasKey: false }), 'name is not the primary key', 'add primary key (name)'],
  [
    'lies in a closed schema',
    of({ isOpen: false }),
    'Web may not use schema app',
    'grant usage on schema app to "Web"',
  ],
  [
    'may not be written',
    of({ rights: ['select'] }),
    'may not insert, update app.beats',
    'grant select, insert, update',
  ],
  ['lies on a standby', misfit({ isStandby: true, isReadOnly: true }), 'primary is a standby', 'still the primary'],
  ['is met read-only', misfit({ isReadOnly: true }), 'are read-only', 'default_transaction_read_only'],
])('a table that %s is refused, with what to do', (_, said, why, remedy) => {
  expect(said?.why).toContain(why)
  expect(said?.remedy).toContain(remedy)
})
