import { expect, test } from 'vitest'
import type { Blueprint } from '../../../lab/blueprint.ts'
import type { Lab } from '../../../lab/lab.ts'
import { startLab } from '../../../lab/start-lab.ts'
import { findBinaries } from '../../../lab/binaries.ts'
import { authBlueprint } from '../../../lab/auth.ts'
import { readAddress } from '../address.ts'
import { openReader } from '../reader-session.ts'
import type { Ddl } from './extract.ts'
import { extractDdl } from './extract.ts'
import { richPublications, richSchema } from './testing/rich-schema.ts'

const signal = AbortSignal.timeout(60_000)

const single = (name: string, more: Partial<Blueprint>, schema: readonly string[]): Blueprint => ({
  name,
  database: 'shop',
  nodes: [{ name: 'primary', role: 'primary', schema }],
  roles: [{ name: 'reader', attributes: 'login', after: ['grant pg_monitor to reader'] }],
  logins: { admin: 'postgres', watch: 'reader', app: 'reader', replication: 'postgres' },
  data: [],
  publications: [],
  ...more,
})

async function read(lab: Lab, node = 'primary'): Promise<Ddl> {
  const opened = await openReader(readAddress(lab.url(node, 'watch')), {
    signal,
    deadlineMs: 5000,
    applicationName: 'test',
    statementTimeoutMs: 5000,
  })
  if (!opened.ok) throw new Error(opened.failure.message)
  try {
    return await extractDdl(opened.reader, { signal, deadlineMs: 10_000 })
  } finally {
    await opened.reader.session.close()
  }
}

test('what was extracted builds a database from which the same is extracted', async () => {
  await using first = await startLab(single('rich', { publications: richPublications }, richSchema))
  const before = await read(first)
  await using second = await startLab(
    single(
      'rebuilt',
      {
        roles: [
          { name: 'reader', attributes: 'login', after: ['grant pg_monitor to reader'] },
          ...before.roles
            .filter(({ name }) => name !== 'postgres' && name !== 'reader')
            .map(({ name, attributes, memberOf }) => ({
              name,
              attributes,
              after: memberOf.map((group) => `grant "${group}" to "${name}"`),
            })),
        ],
        publications: before.publications.map(({ sql }) => sql),
      },
      ['set check_function_bodies = off', `set search_path = ''`, ...before.statements.map(({ sql }) => sql)],
    ),
  )
  const after = await read(second)
  expect(after.statements).toEqual(before.statements)
  expect(after.publications).toEqual(before.publications)
  expect(after.roles).toEqual(before.roles)

  // What a round trip alone would not see: something left out both times.
  const made = before.statements.map(({ sql }) => sql).join('\n')
  for (const piece of [
    'extension if not exists pg_trgm schema shop',
    `as enum ('sad', 'it''s ok', 'happy')`,
    'start with 100 increment by 5 minvalue 1 maxvalue 100000 cache 1 cycle',
    'generated always as (lower((email)::text)) stored',
    'generated always as identity (sequence name shop.orders_id_seq start with 1000 increment by 2',
    'NOT VALID',
    'UNIQUE NULLS NOT DISTINCT',
    'DEFERRABLE INITIALLY DEFERRED',
    'partition of shop.events DEFAULT',
    'create unlogged table shop.scratch',
    'replica identity using index customers_even',
    'enable always trigger always_on',
    'create policy nobody on shop.base as permissive for all to public using (false)',
    'revoke execute on routine shop.is_even(n integer) from public',
    'create materialized view shop.counts',
  ])
    expect(made).toContain(piece)
  expect(before.publications.map(({ sql }) => sql)).toEqual([
    `create publication "Empty one" with (publish = 'insert, update, delete, truncate', publish_via_partition_root = false)`,
    `create publication by_schema for tables in schema shop with (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)`,
    `create publication everything for all tables with (publish = 'insert, update', publish_via_partition_root = false)`,
    `create publication picked for table shop.customers (id, email, lower_email) where ((id > 3)), table shop.orders with (publish = 'insert, update, delete, truncate', publish_via_partition_root = false, publish_generated_columns = stored)`,
  ])
  expect(before.leftOut).toEqual([
    { kind: 'aggregates and window functions', count: 1, names: ['shop.total(integer)'] },
    { kind: 'inheritance of tables', count: 1, names: ['shop.child'] },
    { kind: 'rules', count: 1, names: ['quiet on shop.base'] },
  ])
})

const has15 = await findBinaries({ major: 15 }).then(
  () => true,
  () => false,
)

test.skipIf(!has15)('an older server is read as well, with its subscription', async () => {
  const auth = authBlueprint()
  await using lab = await startLab(
    { ...auth, nodes: auth.nodes.filter(({ role }) => role !== 'standby') },
    { major: 15 },
  )
  const publisher = await read(lab)
  expect(publisher.publications.map(({ sql }) => sql)).toEqual([
    `create publication auth_pub for table public.orders, table public.sessions, table public.users with (publish = 'insert, update, delete, truncate', publish_via_partition_root = false)`,
  ])
  const subscriber = await read(lab, 'reports')
  expect(subscriber.subscriptions).toEqual([
    {
      name: 'reports_sub',
      enabled: true,
      ownerIsSuperuser: true,
      owner: 'postgres',
      slot: 'reports_sub',
      publications: ['auth_pub'],
      failover: false,
      options: {},
      tables: ['public.orders', 'public.sessions', 'public.users'],
    },
  ])
})
