import type { Lab } from '../../src/lab/lab.ts'

/** A divergence that somebody or something made, and what a comparison has to say of it. */
export interface Injected {
  readonly kind: string
  readonly table: string
  /** `key kind columns`; without a key, the row's first value in place of the key. */
  readonly found: readonly string[]
  /** On the publisher first, then on the subscriber behind replication's back. */
  readonly source?: string
  readonly target: string
}

const valueKinds: readonly (readonly [kind: string, column: string, source: string, target: string])[] = [
  ['NULL against 0.0', 'rate', 'null', '0.0'],
  ['−0.0', 'rate', `'0'`, `'-0'`],
  ['last bits of a float', 'rate', '0.3', '0.1::float8 + 0.2::float8'],
  ['NaN against NULL', 'rate', `'NaN'`, 'null'],
  ['float4 NULL against 0', 'ratio', 'null', '0'],
  ['numeric NULL against 0', 'amount', 'null', '0'],
  ['numeric scale', 'amount', '1.0', '1.00'],
  ['numeric NULL against NaN', 'amount', 'null', `'NaN'`],
  ['one cent', 'tax', '10.00', '10.01'],
  ['{} against []', 'meta', `'{}'`, `'[]'`],
  ['jsonb NULL against {}', 'meta', 'null', `'{}'`],
  ['scale of a number in jsonb', 'meta', `'{"a": 1.0}'`, `'{"a": 1.00}'`],
  ['case', 'status', `'paid'`, `'Paid'`],
  ['leading blank', 'status', `'paid'`, `' paid'`],
  [`NULL against ''`, 'note', 'null', `''`],
  ['char padding', 'code', `'a'`, `'a '::text`],
  ['one microsecond', 'created_at', `'2024-01-01 00:00Z'`, `'2024-01-01 00:00:00.000001Z'`],
  ['date NULL against day 0', 'shipped_on', 'null', `'2000-01-01'`],
  ['a day against 24 hours', 'span', `'1 day'`, `'24 hours'`],
  ['bool NULL against false', 'active', 'null', 'false'],
  ['uuid NULL against zeros', 'uid', 'null', `'00000000-0000-0000-0000-000000000000'`],
  ['array of NULL against "NULL"', 'tags', `'{NULL}'`, `'{"NULL"}'`],
  ['array in another place', 'tags', `'{a}'`, `'[0:0]={a}'`],
]

/** Below the rows that are written: keys from 100 on, ten apart. */
const ofValues = valueKinds.map(([kind, column, source, target], n): Injected => {
  const id = 100 + 10 * n
  return {
    kind,
    table: 'sales',
    found: [`${id} changed ${column}`],
    source: `update sales set ${column} = ${source} where id = ${id}`,
    target: `update sales set ${column} = ${target} where id = ${id}`,
  }
})

const longNote = `(select string_agg(md5(n::text), '') from generate_series(1, 4000) n)`

/** What values alone do not say: rows that come in pairs, at the ends, without a key, out of line. */
const ofRows = (rows: number): readonly Injected[] => [
  {
    kind: 'compensating pair',
    table: 'sales',
    found: ['1000 changed customer_id', '1001 changed customer_id'],
    target: `update sales set customer_id = customer_id + case id when 1000 then 1 else -1 end where id in (1000, 1001)`,
  },
  {
    kind: 'two flipped booleans',
    table: 'sales',
    found: ['1010 changed active', '1012 changed active'],
    target: `update sales set active = not active where id in (1010, 1012)`,
  },
  {
    kind: 'the same shift of a time in four rows',
    table: 'sales',
    found: [1020, 1021, 1022, 1023].map((id) => `${id} changed created_at`),
    target: `update sales set created_at = created_at + interval '1 hour' where id between 1020 and 1023`,
  },
  {
    kind: 'two rows that swapped their values',
    table: 'sales',
    found: ['1030 changed uid', '1031 changed uid'],
    target: `update sales set uid = md5((2061 - id)::text)::uuid where id in (1030, 1031)`,
  },
  {
    kind: 'last byte of a TOASTed value',
    table: 'sales',
    found: ['1040 changed note'],
    source: `update sales set note = ${longNote} where id = 1040`,
    target: `update sales set note = left(note, -1) || 'x' where id = 1040`,
  },
  { kind: 'missing row', table: 'sales', found: ['1050 missing'], target: `delete from sales where id = 1050` },
  { kind: 'first row missing', table: 'sales', found: ['1 missing'], target: `delete from sales where id = 1` },
  {
    kind: 'row before the first key',
    table: 'sales',
    found: ['-9000000000000000000 extra'],
    target: `insert into sales (id) values (-9000000000000000000)`,
  },
  {
    kind: 'row after the last key',
    table: 'sales',
    found: ['9000000000000000000 extra'],
    target: `insert into sales (id) values (9000000000000000000)`,
  },
  {
    kind: 'row under another key',
    table: 'sales',
    found: ['1060 missing', '-1060 extra'],
    target: `update sales set id = -1060 where id = 1060`,
  },
  {
    kind: 'last row changed',
    table: 'sales',
    found: [`${rows + 3_000_000_000} changed status`],
    source: `insert into sales (id, status) values (${rows + 3_000_000_000}, 'paid')`,
    target: `update sales set status = 'new' where id = ${rows + 3_000_000_000}`,
  },
  {
    kind: 'a duplicate without a key',
    table: 'bag',
    found: ['77 extra'],
    target: `insert into bag values (77, 'v77')`,
  },
  {
    kind: 'one copy of three missing',
    table: 'bag',
    found: ['88 missing'],
    target: `delete from bag where ctid = (select min(ctid) from bag where n = 88)`,
  },
  {
    kind: 'a row where there should be none',
    table: 'nothing',
    found: ['5 extra'],
    target: `insert into nothing values (5)`,
  },
  {
    kind: 'empty table where there should be ten rows',
    table: 'few',
    found: Array.from({ length: 10 }, (_, n) => `${n + 1} missing`),
    target: `delete from few`,
  },
]

export const injected = (rows: number): readonly Injected[] => [...ofValues, ...ofRows(rows)]

/** All of them: first what the publisher holds, and when that has come, what the subscriber has made of it. */
export async function inject(lab: Lab, all: readonly Injected[]): Promise<void> {
  for (const { source } of all) if (source !== undefined) await lab.rows('primary', source)
  await lab.caughtUp()
  for (const { target } of all) await lab.rows('reports', `set session_replication_role = replica; ${target}`)
}
