import type { NodeReader } from '../../src/engines/postgres/rows/node-reader.ts'
import { everything } from '../../src/engines/postgres/rows/comparable.ts'
import { digestStatement } from '../../src/engines/postgres/rows/digest-statement.ts'
import { commonColumns } from '../../src/engines/postgres/rows/exact-column.ts'
import { readTableShape } from '../../src/engines/postgres/rows/table-shape.ts'
import type { Lab } from '../../src/lab/lab.ts'

/** About 170 bytes a row, twelve columns of ten types: the mix that the targets were measured on. */
const mix = `create table mix (id int primary key, customer_id int, status text, amount numeric(12, 2), tax numeric(12, 4), rate float8,
    created_at timestamptz, shipped_on date, meta jsonb, note text, active bool, uid uuid)`

const mixRows = (
  rows: number,
): string => `insert into mix select n, n % 5000, (array['new', 'paid', 'shipped'])[1 + n % 3], n % 10000 / 7.0, n / 100.0, n / 3.0,
    timestamptz '2024-01-01 00:00Z' + n * interval '1 s', date '2024-01-01' + n % 700,
    jsonb_build_object('k', n), 'note number ' || n || ' of this table', n % 2 = 0,
    md5(n::text)::uuid from generate_series(1, ${rows}) n`

export async function makeMix(lab: Lab, rows: number): Promise<void> {
  await lab.rows('primary', mix)
  await lab.rows('primary', mixRows(rows))
  await lab.rows('primary', 'vacuum analyze mix')
}

const hashOf = (expression: string): string =>
  `select count(*), bit_xor(h), sum(h) from (select ${expression} as h from public.mix t offset 0) z`

const repeats = 7

/** Milliseconds of the backend's CPU for one reading of the table in each way, the least of seven in turns: what else runs only adds to it. */
export async function hashCosts(
  reader: NodeReader,
  cpuMs: () => Promise<number>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const shape = await readTableShape(reader, { schema: 'public', table: 'mix' }, signal)
  const { columns } = commonColumns(shape, shape, { published: null, physical: true })
  const compared = { schema: 'public', table: 'mix', columns, key: shape.key, rowFilter: null }
  const ways: readonly (readonly [name: string, text: string])[] = [
    ['count(*)', 'select count(*) from public.mix'],
    ['all columns', 'select count(t.uid), count(t.active), count(t.note) from public.mix t'],
    ['exact', digestStatement(compared, everything, false).text],
    ['exact, with versions', digestStatement(compared, everything, true).text],
    ['exact, by what is sent', digestStatement({ ...compared, way: 'sent' }, everything, false).text],
    ['hash_record_extended(t)', hashOf('hash_record_extended(t, 0)')],
    ['hashtextextended(t::text)', hashOf('hashtextextended(t::text, 0)')],
    ['md5(t::text)', hashOf(`('x' || left(md5(t::text), 16))::bit(64)::int8`)],
  ]
  const took = new Map<string, number[]>(ways.map(([name]) => [name, []]))
  for (let n = 0; n <= repeats; n += 1)
    for (const [name, text] of ways) {
      const before = await cpuMs()
      const answer = await reader.run({ text }, { signal, deadlineMs: 600_000 })
      if (!answer.ok) throw new Error(`${name}: ${answer.failure.message}`)
      // The first of each fills the cache.
      if (n > 0) took.get(name)?.push((await cpuMs()) - before)
    }
  return new Map([...took].map(([name, all]) => [name, Math.min(...all)]))
}
