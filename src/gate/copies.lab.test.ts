import { expect, test } from 'vitest'
import { richPublications, richSchema } from '../engines/postgres/ddl/testing/rich-schema.ts'
import type { Blueprint } from '../lab/blueprint.ts'
import { startLab } from '../lab/start-lab.ts'
import { rehearse } from './rehearse.ts'

/** A cluster with names of its own, read by a login that may read nothing but the catalog. */
const cluster = (more: Partial<Blueprint>, schema: readonly string[], there: readonly string[]): Blueprint => ({
  name: 'shop',
  database: 'shop',
  nodes: [
    { name: 'db1', role: 'primary', schema },
    { name: 'db2', role: 'standby', slot: 'db2' },
    {
      name: 'dwh',
      role: 'subscriber',
      schema: there,
      subscriptions: [{ name: 'from_shop', publications: ['picked'], slot: 'from_shop', failover: false }],
    },
  ],
  roles: [{ name: 'looks', attributes: 'login' }],
  logins: { admin: 'postgres', watch: 'looks', app: 'looks', replication: 'postgres' },
  data: [],
  publications: [],
  ...more,
})

async function rehearsed(real: Awaited<ReturnType<typeof startLab>>, text: string) {
  return rehearse({
    cluster: {
      name: 'shop',
      engine: 'postgres',
      nodes: real.nodes.map(({ name }) => ({ name, url: real.url(name, 'watch'), act: null, host: null })),
      contracts: [],
      fence: 'message',
      invariants: [],
    },
    files: [{ name: 'm.sql', text }],
    serving: new Set(),
    signal: AbortSignal.timeout(60_000),
  })
}

test('a schema with one of everything is copied, and what is left out is listed', async () => {
  const rich = cluster({ publications: richPublications }, richSchema, richSchema)
  const subscriptions = [{ name: 'from_shop', publications: ['by_schema'], slot: 'from_shop', failover: false }]
  const nodes = rich.nodes.map((node) => (node.role === 'subscriber' ? { ...node, subscriptions } : node))
  const real = await startLab({ ...rich, nodes })
  try {
    const report = await rehearsed(real, '-- antemortem:on dwh, db1\nalter table shop.orders add column note text;')
    // On the subscriber the tables' owner may not call a function of theirs: that is so without the change.
    expect(report).toMatchObject({
      verdict: 'warn',
      findings: [{ rule: 'replication/apply-stops', severity: 'warning', message: expect.stringContaining('is_even') }],
    })
    expect(report.notRehearsed).toEqual(
      expect.arrayContaining([
        'db1: 1 aggregates and window functions: shop.total(integer)',
        'dwh: 1 rules: quiet on shop.base',
      ]),
    )
    expect(report.notRehearsed.filter((words) => words.includes('could not be made'))).toEqual([])
  } finally {
    await real.close()
  }
})

test('a subscription that stands still for a missing table is copied, and its mending passes', async () => {
  const schema = ['create table a (id int primary key)']
  const publications = ['create publication picked for all tables']
  const real = await startLab(cluster({ publications }, schema, schema))
  try {
    await real.rows('db1', 'create table b (id int primary key)')
    const create = 'create table b (id int primary key);'
    const refresh = 'alter subscription from_shop refresh publication;'
    expect(await rehearsed(real, `-- antemortem:on dwh\n${create}\n${refresh}`)).toMatchObject({ verdict: 'pass' })
    const alone = await rehearsed(real, '-- antemortem:on dwh\nselect 1;')
    expect(alone.findings).toEqual([])
  } finally {
    await real.close()
  }
})

test('a published table that cannot be made here takes no other out of the copy', async () => {
  const schema = [
    'create table a (id int primary key)',
    `create collation odd from "C"`,
    'create table b (id int primary key, name text collate odd)',
  ]
  const publications = ['create publication picked for table a, b']
  const real = await startLab(cluster({ publications }, schema, schema))
  try {
    const report = await rehearsed(real, 'alter publication picked drop table a;')
    expect(report.notRehearsed).toContain('db1: table public.b could not be made here')
    expect(report.findings).toMatchObject([{ object: 'db1:publication picked:public.a', severity: 'error' }])
  } finally {
    await real.close()
  }
})

test('a definition that cannot be made here is listed, and a failure that may come of it is a warning', async () => {
  const real = await startLab(cluster({ nodes: [{ name: 'db1', role: 'primary', schema: [] }] }, [], []))
  try {
    // An operator class is left out, so that the index which needs it cannot be made.
    await real.rows(
      'db1',
      `create table t (a int);
      create operator class odd_ops for type int4 using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=,
        operator 5 >, function 1 btint4cmp(int4, int4);
      create index t_odd on t (a odd_ops)`,
    )
    const report = await rehearsed(real, 'drop index t_odd;')
    expect(report.notRehearsed).toContain('db1: index public.t_odd could not be made here')
    expect(report).toMatchObject({
      verdict: 'warn',
      findings: [{ rule: 'schema/statement-fails', severity: 'warning' }],
    })
  } finally {
    await real.close()
  }
})
