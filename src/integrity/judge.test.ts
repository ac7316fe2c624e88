import { expect, test } from 'vitest'
import type { LogEntryFact } from '../core/facts/cluster.ts'
import { judge } from './judge.ts'
import type { Looks } from './looks.ts'
import { missing } from './missing.ts'
import { abilities, looks, nodeLook, peerLook, tableLook } from './testing/looks.ts'

const found = (more: Partial<Looks>, logs: readonly LogEntryFact[] = []) => judge(looks(more), logs)
const standby = nodeLook('standby')
const rebuild = { kind: 'rebuild', schema: 'public', table: 'orders', donor: 'standby' }

test('where all is well nothing is said', () => {
  expect(found({})).toEqual([])
})

test('blocks of the primary that cannot be read are rebuilt from the standby that still reads them', () => {
  const primary = nodeLook('primary', { tables: [tableLook({ unreadable: [3, 4], words: 'invalid page in block 3' })] })
  const there = { node: 'primary', schema: 'public', table: 'orders', peer: 'standby', rows: 93 }
  expect(found({ nodes: [primary, standby], stillThere: [there] })).toMatchObject([
    {
      check: 'integrity/unreadable-blocks',
      severity: 'critical',
      message: expect.stringContaining('standby still reads 93 rows there'),
      evidence: { blocks: 2, first_block: 3, rows_elsewhere: 93, still_on: 'standby' },
      mend: rebuild,
    },
  ])
})

test('a standby that is damaged is cloned anew, whatever it is', () => {
  for (const table of [
    tableLook({ unreadable: [3] }),
    tableLook({ problems: [{ block: 1, offset: 2, words: 'xmin is odd' }] }),
    tableLook({ blocks: 90 }),
  ])
    expect(found({ nodes: [nodeLook('primary'), nodeLook('standby', { tables: [table] })] })).toMatchObject([
      { node: 'standby', remedy: expect.stringContaining('clone it anew from primary'), mend: { kind: 'words' } },
    ])
})

test('no rows are taken from a standby that is damaged in the same table', () => {
  const tables = [tableLook({ unreadable: [3] })]
  const all = found({ nodes: [nodeLook('primary', { tables }), nodeLook('standby', { tables })] })
  expect(all[0]).toMatchObject({
    node: 'primary',
    remedy: expect.stringContaining('from a backup'),
    mend: { kind: 'words' },
  })
})

test('pages of zeros at the end of a table that grows are nothing; with rows elsewhere they are a loss', () => {
  const primary = nodeLook('primary', { tables: [tableLook({ zero: [99] })] })
  const there = { node: 'primary', schema: 'public', table: 'orders', peer: 'standby', rows: 0 }
  expect(found({ nodes: [primary, standby], stillThere: [there] })).toEqual([])
  expect(found({ nodes: [primary, standby], stillThere: [{ ...there, rows: 7 }] })).toMatchObject([
    { check: 'integrity/zero-pages', severity: 'critical', mend: rebuild },
  ])
})

test('rows that one node alone has are lost on the other; rows that both have otherwise are for a person', () => {
  const onlyStandby = peerLook({ onlyStandby: ['7'], counts: { onlyPrimary: 0, onlyStandby: 1, otherwise: 0 } })
  expect(found({ peers: [onlyStandby] })).toMatchObject([{ subject: 'primary:public.orders', mend: rebuild }])
  const onlyPrimary = peerLook({ onlyPrimary: ['7'], counts: { onlyPrimary: 1, onlyStandby: 0, otherwise: 0 } })
  expect(found({ peers: [onlyPrimary] })).toMatchObject([{ subject: 'standby:public.orders', mend: { kind: 'words' } }])
  const otherwise = peerLook({ otherwise: ['7'], counts: { onlyPrimary: 0, onlyStandby: 0, otherwise: 1 } })
  expect(found({ peers: [otherwise] })).toMatchObject([
    { remedy: expect.stringContaining('--from standby'), mend: rebuild },
  ])
})

test('an index that cannot be compared because its table cannot be read is not blamed for it', () => {
  const words = 'invalid page in block 3 of relation "base/5/16400"'
  const indexes = [{ schema: 'public', index: 'orders_pkey', table: 'orders', problem: words }]
  const tables = [tableLook({ unreadable: [3], words })]
  expect(found({ nodes: [nodeLook('primary', { tables, indexes }), standby] }).map(({ check }) => check)).toEqual([
    'integrity/unreadable-blocks',
  ])
  const other = [{ ...indexes[0], problem: 'invalid page in block 3 of relation "base/5/16407"' }] as const
  const blamed = found({
    nodes: [
      nodeLook('primary', {
        indexes: other.map((each) => ({ schema: 'public', index: 'orders_pkey', table: 'orders', ...each })),
      }),
      standby,
    ],
  })
  expect(blamed).toMatchObject([{ check: 'integrity/amcheck', mend: { kind: 'reindex', index: 'orders_pkey' } }])
})

test('damage that only the log tells of is told with its file', () => {
  const entry: LogEntryFact = {
    node: 'primary',
    firstMs: 0,
    lastMs: 0,
    count: 2,
    severity: 'ERROR',
    code: 'XX001',
    message: 'invalid page in block 0 of relation "base/5/2619"',
    detail: null,
    context: null,
    role: null,
    database: null,
    application: null,
  }
  expect(found({}, [entry])).toMatchObject([
    { subject: 'primary:base/5/2619', remedy: expect.stringContaining('2619') },
  ])
  expect(
    found({}, [{ ...entry, code: '40001', message: 'canceling statement due to conflict with recovery' }]),
  ).toEqual([])
})

test('a collation that has changed names the indexes that sort by it', () => {
  const objects = {
    constraints: [],
    triggers: [],
    foreignKeys: [],
    collations: [
      { collation: 'public.de', recorded: '1', actual: '2', indexes: [['public', 'users_name'] as [string, string]] },
    ],
  }
  expect(found({ nodes: [nodeLook('primary', { objects }), standby] })).toMatchObject([
    {
      check: 'integrity/collation-mismatch',
      severity: 'critical',
      remedy: expect.stringContaining('reindex index concurrently "public"."users_name"'),
    },
  ])
})

test('what cannot be looked at is said with the statement that would let it', () => {
  const words = (more: Parameters<typeof abilities>[0]): readonly string[] =>
    missing('primary', abilities(more), []).map(({ remedy }) => remedy)
  expect(words({})).toEqual([])
  expect(words({ amcheck: null, checkIndex: null, checkHeap: null })).toEqual([
    'On the primary: create extension amcheck;',
  ])
  expect(words({ checkHeap: { call: 'verify_heapam(regclass)', may: false } })).toEqual([
    'On the primary: grant execute on function verify_heapam(regclass) to antemortem;',
  ])
  expect(words({ isSuperuser: false })).toEqual([expect.stringContaining('as a superuser')])
  expect(words({ checksums: false })).toEqual([expect.stringContaining('pg_checksums --enable')])
})
