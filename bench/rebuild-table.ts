// How long a damaged table of a million rows takes to be made anew from its standby, and to be compared on both.
// node bench/rebuild-table.ts [all]    all: under a publication for all tables
import { authBlueprint } from '../src/lab/auth.ts'
import { startLab } from '../src/lab/start-lab.ts'
import { rebuildPlan, Rebuilding } from '../src/repair/tables/testing/rebuilding.ts'

const rows = 1_000_000

const table = `set statement_timeout = 0;
  create table big (id bigint primary key, customer_id int not null, status text not null, amount numeric(12, 2), tax numeric(8, 2),
    rate float8, created_at timestamptz not null, shipped_on date, meta jsonb, note text, active boolean, uid uuid not null unique);
  insert into big select n, n % 5000, (array['new', 'paid', 'sent'])[n % 3 + 1], n / 7.0, n % 100 / 3.0, sqrt(n),
      timestamptz '2026-01-01 00:00:00Z' + n * interval '1 s', date '2026-01-01' + n % 365, jsonb_build_object('n', n),
      repeat('x', n % 40), n % 2 = 0, md5(n::text)::uuid from generate_series(1, ${rows}) n;
  create index on big (customer_id);
  create index on big (created_at);
  analyze big`

await using lab = await startLab(authBlueprint())
await lab.rows('primary', table)
if (process.argv[2] === 'all') await lab.rows('primary', 'create publication every_pub for all tables')
await lab.caughtUp()
const [size] = await lab.rows('primary', `select pg_size_pretty(pg_total_relation_size('big')) as size`)
await lab.damage('primary', 'big', { page: 500, offset: 1000, length: 3000 })
await using rebuilding = await Rebuilding.in(lab)
const plan = await rebuildPlan(lab, 'big')
const startedAt = performance.now()
const done = await rebuilding.apply(plan)
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
const journal = await rebuilding.store.journal(plan.id)
for (const { n, phase, output } of done) {
  const begun = journal.find((entry) => entry.n === n && entry.phase === 'begun')
  const ended = journal.findLast((entry) => entry.n === n)
  const tookMs = begun && ended ? ended.atMs - begun.atMs : 0
  console.log(`${phase} ${n} ${plan.steps[n - 1]?.kind ?? ''}: ${seconds(tookMs)} ${JSON.stringify(output)}`)
}
console.log(`${rows} rows, ${String(size?.['size'])}: ${seconds(performance.now() - startedAt)} in all`)
