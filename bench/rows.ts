/**
 * What the exact row hash costs: CPU seconds of the backend, as ratios to other ways of reading the same rows in the same run.
 * `node bench/rows.ts [rows]`; wall times of a shared machine say little, CPU seconds of one process much.
 */
import { readFileSync } from 'node:fs'
import { openNode } from '../src/engines/postgres/index.ts'
import { everything } from '../src/engines/postgres/rows/comparable.ts'
import { digestStatement } from '../src/engines/postgres/rows/digest-statement.ts'
import { commonColumns } from '../src/engines/postgres/rows/exact-column.ts'
import { readTableShape } from '../src/engines/postgres/rows/table-shape.ts'
import { authBlueprint } from '../src/lab/auth.ts'
import { startLab } from '../src/lab/start-lab.ts'

const rows = Number(process.argv[2] ?? 500_000)
const repeats = 5
const signal = new AbortController().signal

// About 170 bytes a row, as the table that the targets were measured on. With a nested
// jsonb of 61 bytes in place of 25 the exact hash costs 16.5 to 16.9 times count(*).
const blueprint = authBlueprint()
await using lab = await startLab({
  ...blueprint,
  nodes: blueprint.nodes.slice(0, 1).map((node) => ({ ...node, settings: { shared_buffers: '512MB' } })),
})
await lab.rows(
  'primary',
  `create table mix (id int primary key, customer_id int, status text, amount numeric(12, 2), tax numeric(12, 4), rate float8,
    created_at timestamptz, shipped_on date, meta jsonb, note text, active bool, uid uuid)`,
)
await lab.rows(
  'primary',
  `insert into mix select n, n % 5000, (array['new', 'paid', 'shipped'])[1 + n % 3], n % 10000 / 7.0, n / 100.0, n / 3.0,
    timestamptz '2024-01-01 00:00Z' + n * interval '1 s', date '2024-01-01' + n % 700,
    jsonb_build_object('k', n), 'note number ' || n || ' of this table', n % 2 = 0,
    md5(n::text)::uuid from generate_series(1, ${rows}) n`,
)
await lab.rows('primary', 'vacuum analyze mix')

const link = await openNode({
  name: 'primary',
  url: lab.url('primary', 'watch'),
  signal,
  deadlineMs: 5000,
  statementTimeoutMs: 600_000,
})
const reached = await link.reach(signal)
if (!reached.ok) throw new Error(reached.failure.message)
const { session } = reached.reader
const reader = { name: 'primary', run: session.run.bind(session) }
const shape = await readTableShape(reader, { schema: 'public', table: 'mix' }, signal)
const { columns } = commonColumns(shape, shape, { published: null, physical: true })
const compared = { schema: 'public', table: 'mix', columns, key: shape.key, rowFilter: null }

const hashOf = (expression: string): string =>
  `select count(*), bit_xor(h), sum(h) from (select ${expression} as h from public.mix t offset 0) z`
const ways: readonly (readonly [name: string, text: string])[] = [
  ['count(*)', 'select count(*) from public.mix'],
  ['read all columns', 'select count(t.uid), count(t.active), count(t.note) from public.mix t'],
  ['hash_record_extended, bare (misses NULL and 0.0)', hashOf('hash_record_extended(t, 0)')],
  ['exact row hash', digestStatement(compared, everything, false).text],
  ['exact row hash with versions', digestStatement(compared, everything, true).text],
  ['hashtextextended(t::text)', hashOf('hashtextextended(t::text, 0)')],
  ['md5(t::text)', hashOf(`('x' || left(md5(t::text), 16))::bit(64)::int8`)],
]

/** The first field of /proc/PID/schedstat: nanoseconds on a processor. */
const cpuSeconds = (): number => Number(readFileSync(`/proc/${session.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9

const took = new Map<string, number[]>(ways.map(([name]) => [name, []]))
for (let n = 0; n <= repeats; n += 1)
  for (const [name, text] of ways) {
    const before = cpuSeconds()
    const answer = await session.run({ text }, { signal, deadlineMs: 600_000 })
    if (!answer.ok) throw new Error(`${name}: ${answer.failure.message}`)
    // The first of each fills the cache.
    if (n > 0) took.get(name)?.push(cpuSeconds() - before)
  }
await link.close()

const median = (name: string): number =>
  (took.get(name) ?? []).sort((a, b) => a - b)[Math.floor(repeats / 2)] ?? Number.NaN
const base = median('count(*)')
const text = median('hashtextextended(t::text)')
console.log(
  `${rows} rows of ${columns.length} columns, PostgreSQL ${reached.reader.hello.versionNum}, median of ${repeats}, CPU of the backend`,
)
console.table(
  ways.map(([name]) => ({
    way: name,
    'CPU s': Number(median(name).toFixed(3)),
    'µs a row': Number(((median(name) / rows) * 1e6).toFixed(2)),
    'x count(*)': Number((median(name) / base).toFixed(1)),
    'x hashtextextended(t::text)': Number((median(name) / text).toFixed(2)),
  })),
)
const exact = median('exact row hash')
const met = exact <= 16 * base && exact <= 0.5 * text
console.log(`targets: at most 16 x count(*), at most 0.5 x hashtextextended(t::text): ${met ? 'met' : 'MISSED'}`)
process.exitCode = met ? 0 : 1
