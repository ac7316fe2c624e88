import { damagePage } from '../../src/lab/damage.ts'
import { onFile, zeroPage } from '../../src/lab/damaged-file.ts'
import type { Lab } from '../../src/lab/lab.ts'

/** About 160 bytes a row, with two unique indexes and two others. */
const ddl = `create table large (id bigint primary key, customer_id int not null, status text not null, amount numeric(12, 2),
    tax numeric(8, 2), rate float8, created_at timestamptz not null, shipped_on date, meta jsonb, note text, active boolean,
    uid uuid not null unique);
  create index on large (customer_id);
  create index on large (created_at)`

const fill = (from: number, to: number): string => `insert into large
  select n, n % 5000, (array['new', 'paid', 'sent'])[n % 3 + 1], n / 7.0, n % 100 / 3.0, sqrt(n),
    timestamptz '2026-01-01 00:00:00Z' + n * interval '1 s', date '2026-01-01' + (n % 365)::int, jsonb_build_object('n', n),
    repeat('x', (n % 40)::int), n % 2 = 0, md5(n::text)::uuid from generate_series(${from}::bigint, ${to}) n`

const batch = 100_000

/** Rows up to here lie on pages that are damaged, or beside them; writers take those above. */
export const damagedUpTo = (rows: number): number => Math.floor(rows * 0.8)

export async function makeLarge(lab: Lab, rows: number): Promise<void> {
  await lab.rows('primary', ddl)
  for (let from = 1; from <= rows; from += batch)
    await lab.rows('primary', fill(from, Math.min(rows, from + batch - 1)))
  await lab.rows('primary', 'vacuum analyze large')
  await lab.caughtUp()
}

/** What a disk does: two pages with other bytes than were written, and one of zeros, which is silent. */
export async function damageLarge(lab: Lab): Promise<void> {
  const [row] = await lab.rows('primary', `select pg_relation_size('large') / 8192 as pages`)
  const pageAt = (share: number): number => Math.floor(Number(row?.['pages']) * share)
  await lab.rows('primary', 'checkpoint')
  await onFile(lab, 'primary', 'large', (file) => {
    for (const share of [0.1, 0.5]) damagePage(file, { page: pageAt(share), offset: 1000, length: 3000 })
    zeroPage(pageAt(0.3))(file)
  })
  await lab.caughtUp()
}

export const largeSize = async (lab: Lab): Promise<string> => {
  const [row] = await lab.rows('primary', `select pg_size_pretty(pg_total_relation_size('large')) as size`)
  return String(row?.['size'])
}

/** Of all rows, and of those that nobody writes: asked of a server itself, whatever the repair said of its own work. */
export async function digestOfLarge(lab: Lab, node: string, rows: number): Promise<{ all: string; unwritten: string }> {
  const hash = `sum(hashtextextended(t::text, 0))`
  const [row] = await lab.rows(
    node,
    `select count(*) || ' ' || ${hash} as all,
      ${hash} filter (where id <= ${damagedUpTo(rows)})::text as unwritten from large t`,
  )
  return { all: String(row?.['all']), unwritten: String(row?.['unwritten']) }
}
