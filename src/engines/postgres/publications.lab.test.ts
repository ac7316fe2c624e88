import { expect, test } from 'vitest'
import { z } from 'zod'
import type { PublicationFact } from '../../core/facts/postgres/publication.ts'
import { testLab } from '../../lab/testing.ts'
import { openNode } from './connect.ts'
import { byText } from './reader.ts'
import { sampleSlow } from './sample.ts'

const signal = new AbortController().signal

const schema = [
  'create schema sales; create table sales.orders (id int primary key, note text)',
  'create table events (id int, day date not null, primary key (id, day)) partition by range (day)',
  `create table events_a partition of events for values from ('2025-01-01') to ('2026-01-01')`,
  `create table events_b partition of events for values from ('2026-01-01') to ('2027-01-01') partition by range (id)`,
  'create table events_b1 partition of events_b for values from (0) to (100)',
  'create unlogged table scratch (id int primary key)',
]

const publications = [
  'create publication everything for all tables',
  'create publication everything_root for all tables with (publish_via_partition_root)',
  'create publication by_schema for tables in schema sales',
  'create publication leaves for table events',
  'create publication root for table events with (publish_via_partition_root)',
  'create publication one_leaf for table events_a with (publish_via_partition_root)',
  `create publication filtered for table users (id), sales.orders where (id > 10) with (publish = 'insert, update')`,
  'create publication nothing',
  'create publication schema_and_table for tables in schema sales, table events_b',
  'create publication root_and_leaf for table events, events_a with (publish_via_partition_root)',
  'create publication public_root for tables in schema public with (publish_via_partition_root)',
]

const viewRow = z.object({ pubname: z.string(), tables: z.array(z.string()) })

test('what is published is what pg_publication_tables says, without its locks', async () => {
  const lab = await testLab()
  for (const sql of [...schema, ...publications]) await lab.rows('primary', sql)
  const link = await openNode({ name: 'primary', url: lab.url('primary', 'watch'), signal, deadlineMs: 5000 })
  const { publications: read } = (await sampleSlow(link, { signal, deadlineMs: 5000, clock: Date.now })).facts
  await link.close()
  if (!read?.seen) throw new Error(read?.detail)
  const facts: readonly PublicationFact[] = read.value
  const view = z.array(viewRow).parse(
    await lab.rows(
      'primary',
      `select pubname::text, array_agg(schemaname || '.' || tablename order by schemaname || '.' || tablename collate "C") as tables
       from pg_publication_tables group by 1 order by pubname::text collate "C"`,
    ),
  )
  const seen = facts.map(({ name, tables }) => ({
    pubname: name,
    tables: tables.map((table) => `${table.schema}.${table.name}`).toSorted(byText),
  }))
  expect(seen.filter(({ tables }) => tables.length > 0)).toEqual(view)
  expect(facts.find(({ name }) => name === 'nothing')?.tables).toEqual([])
  expect(facts.find(({ name }) => name === 'filtered')).toEqual({
    name: 'filtered',
    allTables: false,
    schemas: [],
    publishes: { insert: true, update: true, delete: false, truncate: false },
    tables: [
      { schema: 'public', name: 'users', columns: ['id'], rowFilter: null },
      { schema: 'sales', name: 'orders', columns: null, rowFilter: '(id > 10)' },
    ],
  })
  expect(facts.find(({ name }) => name === 'by_schema')).toMatchObject({ schemas: ['sales'], allTables: false })
})
