import { z } from 'zod'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRow, readRows } from '../rows/node-reader.ts'
import { literal, qualified } from '../rows/sql.ts'

const problem = z.object({ block: z.number(), offset: z.number().nullable(), words: z.string() })

/** What `verify_heapam` says of a row. */
export type HeapProblem = z.output<typeof problem>

/** Blocks of a table, both ends included; a table that has grown or shrunk meanwhile is looked at as it is. */
export interface Blocks {
  readonly from: number
  readonly to: number
}

const relationOf = ({ schema, name }: TableName): string => `${literal(qualified(schema, name))}::regclass`

export interface TableName {
  readonly schema: string
  readonly name: string
}

/** Sees broken row headers and TOAST pointers; a page of zeros, a cut file and a lost write are nothing to it. */
export async function checkHeap(
  reader: NodeReader,
  amcheck: string,
  table: TableName,
  { from, to }: Blocks,
  signal: AbortSignal,
): Promise<readonly HeapProblem[]> {
  const text = `select blkno::float8 as block, offnum::int4 as offset, msg as words
    from ${qualified(amcheck, 'verify_heapam')}(${relationOf(table)}, on_error_stop => false, check_toast => true,
      startblock => ${from}, endblock => ${to}) limit 50`
  return readRows(reader, { text }, problem, signal)
}

const counted = z.object({ rows: z.number() })

/** Reads each page of some blocks as anybody would who reads the table; a page that is damaged is an error (XX001). */
export async function readBlocks(
  reader: NodeReader,
  table: TableName,
  { from, to }: Blocks,
  signal: AbortSignal,
): Promise<number> {
  const text = `select count(*)::float8 as rows from only ${qualified(table.schema, table.name)} t
    where t.ctid >= '(${from},0)' and t.ctid < '(${to + 1},0)'`
  return (await readRow(reader, { text }, counted, signal)).rows
}

const place = z.object({ place: z.string() })

/**
 * Rows that a scan of these blocks shows and their own headers do not: a scan trusts a page that promises that everybody sees
 * all of it, and who comes by an index does not. One statement has one snapshot: where all is well there are none. Not in
 * recovery, where no scan trusts a page.
 */
export async function shownAgainstHeaders(
  reader: NodeReader,
  { schema, name }: TableName,
  { from, to }: Blocks,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const table = qualified(schema, name)
  // Only who has an xmax can be a deleted one. As a subquery for each of these it can only be answered by the place.
  const text = `select s.c::text as place from (select t.ctid as c from only ${table} t
      where t.ctid >= '(${from},0)' and t.ctid < '(${to + 1},0)' and t.xmax <> 0 offset 0) s
    where (select count(*) from only ${table} u where u.ctid = s.c) = 0 limit 50`
  return (await readRows(reader, { text }, place, signal)).map((row) => row.place)
}

/**
 * How many rows are shown at these places, asked one by one: then each row's own header tells, whatever the page or the
 * visibility map promise of all its rows.
 */
export async function countAt(
  reader: NodeReader,
  table: TableName,
  places: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const list = places.map((place) => `${literal(place)}::tid`).join(', ')
  const text = `select count(*)::float8 as rows from only ${qualified(table.schema, table.name)} t where t.ctid = any(array[${list}])`
  return (await readRow(reader, { text }, counted, signal)).rows
}

const blocks = z.object({ block: z.number() })

/** Pages of nothing but zeros, by pageinspect, which only a superuser may use: valid to everybody who reads, and empty. */
export async function zeroPages(
  reader: NodeReader,
  pageinspect: string,
  table: TableName,
  { from, to }: Blocks,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const call = (name: string): string => qualified(pageinspect, name)
  const text = `select b::float8 as block from generate_series(${from}, least(${to},
      pg_relation_size(${relationOf(table)}) / current_setting('block_size')::int8 - 1)) b
    where (${call('page_header')}(${call('get_raw_page')}(${literal(qualified(table.schema, table.name))}, 'main', b::int4))).upper = 0 limit 50`
  return (await readRows(reader, { text }, blocks, signal)).map(({ block }) => block)
}
