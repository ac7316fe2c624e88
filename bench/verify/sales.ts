import { authBlueprint } from '../../src/lab/auth.ts'
import type { Blueprint } from '../../src/lab/blueprint.ts'
import type { Lab } from '../../src/lab/lab.ts'

/** Rows of this range are what is broken; the writers leave them alone. */
export const brokenUpTo = 4000

const batch = 250_000

/** Room for a large table on all three nodes. */
export function largeBlueprint(): Blueprint {
  const blueprint = authBlueprint()
  const settings = { shared_buffers: '384MB', max_wal_size: '4GB', autovacuum_naptime: '15s' }
  return {
    ...blueprint,
    nodes: blueprint.nodes.map((node) => ({ ...node, settings: { ...node.settings, ...settings } })),
  }
}

const ddl = `create table sales (id int8 primary key, customer_id int, status text, amount numeric, tax numeric(12, 4), rate float8,
    ratio float4, created_at timestamptz, shipped_on date, meta jsonb, note text, active bool, uid uuid, code bpchar, span interval,
    tags text[]);
  create table hot (id int primary key, up bool not null, n int not null);
  create table bag (n int, v text);
  alter table bag replica identity full;
  create table few (id int primary key);
  create table nothing (id int primary key);`

const sales = (from: number, to: number): string => `insert into sales select n, n % 5000,
    (array['new', 'paid', 'shipped'])[1 + n % 3], n % 10000 / 7.0, n / 100.0, n / 3.0, n / 7.0,
    timestamptz '2024-01-01 00:00Z' + n * interval '1 s', date '2024-01-01' + (n % 700)::int, jsonb_build_object('k', n),
    'note number ' || n || ' of this table', n % 2 = 0, md5(n::text)::uuid, 'c' || n % 100, n % 1000 * interval '1 minute',
    array['a', (n % 10)::text] from generate_series(${from}, ${to}) n`

const small = [
  `insert into hot select n, true, 0 from generate_series(1, 20) n`,
  `insert into bag select n / 3, 'v' || n / 3 from generate_series(1, 30000) n`,
  `insert into few select generate_series(1, 10)`,
]

/** The same rows on publisher and subscriber, without a first copy: each makes its own. */
export async function makeSales(lab: Lab, rows: number, progress: (words: string) => void): Promise<void> {
  const both = ['primary', 'reports']
  await Promise.all(both.map(async (node) => lab.rows(node, ddl)))
  for (let from = 1; from <= rows; from += batch) {
    const to = Math.min(rows, from + batch - 1)
    await Promise.all(both.map(async (node) => lab.rows(node, sales(from, to))))
    await lab.caughtUp()
    progress(`${to.toLocaleString('en')} of ${rows.toLocaleString('en')} rows on both sides`)
  }
  for (const sql of small) for (const node of both) await lab.rows(node, sql)
  await lab.rows('primary', `create table lost (id int primary key, v text) with (autovacuum_enabled = off)`)
  await lab.rows('primary', `insert into lost select n, 'v' || n from generate_series(1, 20) n`)
  await lab.rows('primary', 'alter publication auth_pub add table sales, hot, bag, few, nothing')
  await lab.rows('reports', 'alter subscription reports_sub refresh publication with (copy_data = false)')
  await Promise.all(both.map(async (node) => vacuum(lab, node)))
  await lab.caughtUp()
}

async function vacuum(lab: Lab, node: string): Promise<void> {
  await using session = await lab.session(node, 'bench')
  await session.rows('set statement_timeout = 0')
  await session.rows('vacuum analyze')
}
