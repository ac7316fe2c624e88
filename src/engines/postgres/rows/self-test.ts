import { z } from 'zod'
import type { NodeReader } from './node-reader.ts'
import { readRow } from './node-reader.ts'
import { exactColumn, rowHash } from './exact-column.ts'
import type { HashWay } from './exact-column.ts'
import { identifier } from './sql.ts'

/** Every way of wrapping, with values whose bytes or text depend on version, platform or session. */
const samples: readonly (readonly [type: string, ...values: string[]])[] = [
  ['bool', 'true', 'false'],
  ['int2', "'-1'", '0'],
  ['int4', '0', '2147483647'],
  ['int8', '0', "'-9223372036854775808'"],
  ['oid', '0', '4294967295'],
  ['text', "''", "'é日本'"],
  ['varchar', "'a'", "'A '"],
  ['name', "'a'", "''"],
  ['bytea', "'\\x'", "'\\x00ff'"],
  ['uuid', "'00000000-0000-0000-0000-000000000000'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  ['date', "'infinity'", "'0001-01-01 BC'"],
  ['time', "'24:00'", "'00:00'"],
  ['timetz', "'00:00+01'", "'00:00+00'"],
  ['timestamp', "'2024-02-29 12:00:00.000001'", "'-infinity'"],
  ['timestamptz', "'2024-02-29 12:00:00.000001+02'", "'infinity'"],
  ['interval', "'1 day'", "'24 hours'"],
  ['numeric', "'1.00'", "'NaN'"],
  ['float4', "'0.1'", "'-0'"],
  ['float8', "'0.1'", "'NaN'"],
  ['money', "'1'", "'-1'"],
  ['bpchar', "'a '", "'a'"],
  ['bit', "'1'", "'0'"],
  ['varbit', "'101'", "''"],
  ['inet', "'10.0.0.1/8'", "'::1'"],
  ['macaddr', "'00:00:00:00:00:01'", "'ff:ff:ff:ff:ff:ff'"],
  ['jsonb', '\'{"b": [1.0, null], "a": "é"}\'', "'[]'"],
  ['json', '\'{"b" : 1}\'', "'{}'"],
  ['point', "'(0.1,-0)'", "'(1e300,1)'"],
  ['tsvector', "'a:1 b:2A'", "''"],
  ['_int4', "'{1,NULL,3}'", "'[0:1]={1,2}'"],
  ['_text', '\'{"NULL",NULL}\'', "'{}'"],
  ['_float8', "'{0.1,-0}'", "'{NaN}'"],
  ['int4range', "'[1,5)'", "'empty'"],
  ['numrange', "'[1.0,1.00]'", "'(,)'"],
  ['tstzmultirange', "'{[2024-01-01,2024-01-02)}'", "'{}'"],
]

const kindOf = (type: string): string => (type.endsWith('multirange') ? 'm' : type.endsWith('range') ? 'r' : 'b')

const columns = samples.map(([type], n) =>
  exactColumn({
    name: `c${n}`,
    type,
    kind: kindOf(type),
    builtIn: true,
    isArray: type.startsWith('_'),
    typmod: -1,
    generated: '',
  }),
)

/** As text: what a composite of user-made types, or a column of another type on the other node, is hashed by. */
const texts = samples.map(([type], n) => ({
  name: `c${n}`,
  // lc_monetary may differ: money is never hashed as text.
  expression: type === 'money' ? '0' : `t.${identifier(`c${n}`)}::text collate "C"`,
  type: null,
}))

const rowOf = (n: 1 | 2): string =>
  `select ${samples.map(([type, ...values], c) => `${values[n - 1]}::${type === 'char' ? '"char"' : type} as c${c}`).join(', ')}`

const nulls = `select ${samples.map(([type], c) => `null::${type} as c${c}`).join(', ')}`

const textOf = (way: HashWay): string =>
  `select concat_ws('/', sum(${rowHash(columns, way)}), sum(${rowHash(texts, way)})) as hash
  from (${rowOf(1)} union all ${rowOf(2)} union all ${nulls}) t`

/**
 * Hashes a fixed set of rows. Two servers that differ here (another major version, byte order, or session settings) cannot be
 * compared by this way of hashing.
 */
export async function selfTest(reader: NodeReader, signal: AbortSignal, way: HashWay = 'record'): Promise<string> {
  const { hash } = await readRow(reader, { text: textOf(way) }, z.object({ hash: z.string() }), signal)
  return hash
}
