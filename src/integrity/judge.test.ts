import { expect, test } from 'vitest'
import type { LogEntryFact } from '../core/facts/cluster.ts'
import type { Relation } from '../engines/postgres/integrity/relations.ts'
import { judge } from './judge.ts'
import type { Looks } from './looks.ts'
import { missing } from './missing.ts'
import { abilities, indexLook, looks, nodeLook, peerLook, tableLook } from './testing/looks.ts'

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

test('a standby without the empty pages at the end of the primary has lost nothing', () => {
  const short = nodeLook('standby', { tables: [tableLook({ blocks: 96 })] })
  const there = { node: 'standby', schema: 'public', table: 'orders', peer: 'primary', rows: 0 }
  const nodes = [nodeLook('primary'), short]
  expect(found({ nodes, stillThere: [there] })).toEqual([])
  expect(found({ nodes, stillThere: [{ ...there, rows: 3 }] })).toMatchObject([
    { check: 'integrity/file-length', severity: 'critical' },
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
  const indexes = [indexLook({ problem: words })]
  const tables = [tableLook({ unreadable: [3], words })]
  expect(found({ nodes: [nodeLook('primary', { tables, indexes }), standby] }).map(({ check }) => check)).toEqual([
    'integrity/unreadable-blocks',
  ])
  const other = [indexLook({ problem: 'invalid page in block 3 of relation "base/5/16407"' })]
  const blamed = found({ nodes: [nodeLook('primary', { indexes: other }), standby] })
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

test('an index of a kind that nothing looks into is told as not seen; GIN with its grant; both by the length of their files', () => {
  const index = (name: string, method: string): Relation => ({
    oid: name,
    schema: 'public',
    name,
    kind: 'i',
    method,
    table: 'orders',
    persistence: 'p',
    isValid: true,
    isReadable: true,
    pages: 3,
    blocks: 3,
  })
  const all = [index('b', 'btree'), index('g', 'gin'), index('h', 'hash')]
  expect(missing('primary', abilities(), all)).toMatchObject([
    { detail: expect.stringMatching(/only at the length of their files: public\.h \(hash\)$/) },
  ])
  const checkGin = { call: 'gin_index_check(regclass)', may: false }
  expect(missing('primary', abilities({ checkGin }), all).map(({ remedy }) => remedy)).toContain(
    'On the primary: grant execute on function gin_index_check(regclass) to antemortem;',
  )
  expect(missing('primary', abilities({ checkGin: null }), all)[0]?.detail).toContain('public.g (gin), public.h (hash)')
  const short = indexLook({ method: 'hash', by: 'file-length', problem: 'its file has 2 blocks' })
  expect(found({ nodes: [nodeLook('primary', { indexes: [short] }), standby] })).toMatchObject([
    { check: 'integrity/file-length', mend: { kind: 'reindex', index: 'orders_pkey' } },
  ])
})

test('a visibility map that is wrong is thrown away and made anew; where a standby still shows the rows, they are what is wrong', () => {
  const nodes = [nodeLook('primary', { tables: [tableLook({ mismapped: ['(0,3)', '(0,4)'] })] }), standby]
  const mapped = { schema: 'public', table: 'orders', peer: 'standby', here: 0, there: 0 }
  const truncate = `pg_truncate_visibility_map('"public"."orders"'); vacuum "public"."orders";`
  expect(found({ nodes, mapped: [mapped] })).toMatchObject([
    {
      check: 'integrity/visibility-map',
      message: expect.stringContaining('calls 2 rows visible to everybody that are not ((0,3), (0,4))'),
      remedy: expect.stringMatching(/^As a superuser on primary/),
      mend: { kind: 'words' },
    },
  ])
  expect(found({ nodes })).toMatchObject([
    { message: expect.stringContaining('could be asked'), remedy: expect.stringMatching(/^First see that none/) },
  ])
  expect(found({ nodes })[0]?.remedy).toContain(truncate)
  expect(found({ nodes, mapped: [{ ...mapped, there: 2 }] })).toMatchObject([
    {
      message: expect.stringContaining('standby still shows them'),
      remedy: expect.not.stringContaining('truncate'),
      mend: rebuild,
    },
  ])
})

test('before 17 nobody can tell whether a visibility map is right; else the extension and the grant are named', () => {
  const unseenBy = (more: Parameters<typeof abilities>[0]) => missing('primary', abilities(more), [])
  expect(unseenBy({ versionNum: 160_004 })).toMatchObject([
    { check: 'integrity/visibility-map', why: 'not-in-this-version' },
  ])
  expect(unseenBy({ visibility: null })).toMatchObject([{ remedy: 'On the primary: create extension pg_visibility;' }])
  expect(unseenBy({ checkVisible: null })).toMatchObject([
    { remedy: 'On the primary: grant pg_stat_scan_tables to antemortem;' },
  ])
})

test('the damaged table that a repair has set aside is told once, as that, and nobody is to mend it again', () => {
  const kept = 'orders_damaged_1a2b3c4d'
  const damaged = tableLook({ table: kept, unreadable: [3] })
  const indexes = [indexLook(), indexLook({ index: 'kept_pkey', table: kept, problem: 'damaged' })]
  const all = found({ nodes: [nodeLook('primary', { tables: [tableLook(), damaged], indexes }), standby] })
  expect(all).toMatchObject([
    {
      check: 'integrity/set-aside',
      severity: 'info',
      remedy: expect.stringContaining('drop table "public"."orders_damaged_1a2b3c4d"'),
      mend: { kind: 'words' },
    },
  ])
  // Where its table is not there again, it is all that there is.
  expect(found({ nodes: [nodeLook('primary', { tables: [damaged], indexes }), standby] })[0]?.severity).toBe('critical')
})
