import { expect, test } from 'vitest'
import { findingsOf, publication, snapshot, table } from '../../../test/builders.ts'
import type { PublicationFact } from '../../core/facts/postgres/publication.ts'
import type { TableFact } from '../../core/facts/postgres/schema.ts'
import check from './replica-identity.ts'

const keyless = { primaryKey: [], constraints: [], indexes: [] } as const
const published = (more: Partial<TableFact>, how: Partial<PublicationFact> = {}) =>
  snapshot({ primary: { tables: [table('users', more)], publications: [publication(['users'], how)] } })
const listing = (columns: readonly string[]) => ({
  tables: [{ schema: 'public', name: 'users', columns, rowFilter: null }],
})

test('a published table without a key is found once, with the statement that helps', () => {
  const twice = snapshot({
    primary: {
      tables: [table('users', keyless)],
      publications: [publication(['users']), publication(['users'], { name: 'pub2' })],
    },
  })
  expect(findingsOf(check, twice)).toMatchObject([
    {
      subject: 'primary:public.users',
      severity: 'error',
      evidence: { relreplident: 'd', publishes: 'update, delete' },
      remedy: expect.stringContaining('alter table "public"."users" replica identity full;'),
    },
  ])
})

test('replica identity nothing is found, and the key that is there is pointed to', () => {
  expect(findingsOf(check, published({ replicaIdentity: 'n' }))).toMatchObject([
    { remedy: expect.stringContaining('replica identity default;') },
  ])
})

test('a column list must hold the key', () => {
  expect(findingsOf(check, published({}, listing(['password_hash'])))).toMatchObject([
    { message: expect.stringContaining('a column list without its key') },
  ])
  expect(findingsOf(check, published({ replicaIdentity: 'f' }, listing(['id'])))).toHaveLength(1)
  expect(findingsOf(check, published({}, listing(['id'])))).toEqual([])
})

test('a partitioned table without a key is a warning: its partitions may have one', () => {
  expect(findingsOf(check, published({ ...keyless, kind: 'partitioned' }))).toMatchObject([{ severity: 'warning' }])
})

const nothing = { insert: true, update: false, delete: false, truncate: true }
test.each([
  ['a primary key', published({})],
  ['replica identity full', published({ ...keyless, replicaIdentity: 'f' })],
  ['replica identity by an index', published({ ...keyless, replicaIdentity: 'i' })],
  ['a publication of inserts alone', published(keyless, { publishes: nothing })],
  ['a table that is not published', published(keyless, { tables: [] })],
  [
    'the same catalog on a standby',
    snapshot({ standby: { tables: [table('users', keyless)], publications: [publication(['users'])] } }),
  ],
])('%s: no finding', (_, cluster) => {
  expect(findingsOf(check, cluster)).toEqual([])
})
