import { z } from 'zod'
import type { ComparableTable, Digest, Key, Range, RowDigest } from './comparable.ts'
import { bucketsIn } from './comparable.ts'
import type { Compared } from './digest-statement.ts'
import {
  bucketHashOf,
  digestColumns,
  digestRow,
  digestStatement,
  hashedRows,
  hashOf,
  noRows,
  toDigest,
  versionOf,
  whereOf,
} from './digest-statement.ts'
import type { NodeReader } from './node-reader.ts'
import { readRow, readRows } from './node-reader.ts'
import { bucketOf, keyColumn, keyTexts, keyTuple, keyValues, Parameters } from './predicate.ts'
import { byName, columnHashesOf, imageOf, toImage } from './row-image.ts'
import { qualified } from './sql.ts'
import { placeBehind, placeColumn } from './tuple-place.ts'

const keyRow = z.object({ key: z.array(z.string()) })
const rowRow = z.object({ key: z.array(z.string()), hash: z.string(), version: z.string() })
const readRowRow = rowRow.extend({ columns: z.array(z.string()), image: z.array(z.string().nullable()).nullable() })
const partRow = digestRow.extend({ part: z.number() })
const copiesRow = z.object({
  hash: z.string(),
  versions: z.array(z.string()),
  image: z.array(z.string().nullable()).nullable(),
})

/** One table on one node. Key order is the node's own; nothing relies on two nodes having the same. */
export function openTable(reader: NodeReader, table: Compared): ComparableTable {
  const { key } = table
  const from = `${qualified(table.schema, table.table)} t`
  const texts = keyTexts(key)
  const ordered = (direction: 'asc' | 'desc'): string =>
    key.map((name) => `${keyColumn(table, name)} ${direction}`).join(', ')
  const nth = async (range: Range, n: number, direction: 'asc' | 'desc', signal: AbortSignal): Promise<Key | null> => {
    const parameters = new Parameters()
    const where = whereOf(table, range, parameters)
    const text = `select ${texts} as key from ${from} where ${where} order by ${ordered(direction)} offset ${n - 1} limit 1`
    const rows = await readRows(reader, { text, values: parameters.values }, keyRow, signal)
    return rows[0]?.key ?? null
  }
  const matching = (keys: readonly Key[], parameters: Parameters): string =>
    `${keyTuple(table)} in (${keys.map((values) => keyValues(key, values, parameters)).join(', ')})
      ${table.rowFilter === null ? '' : `and (${table.rowFilter})`}`
  /** `part` names each row's part, out of the row or of its hash `h`. */
  const digests = async (
    where: string,
    part: { readonly ofRow: string } | { readonly ofHash: string },
    parameters: Parameters,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, Digest>> => {
    const [name, also] = 'ofRow' in part ? ['part', `, (${part.ofRow})::int4 as part`] : [`(${part.ofHash})::int4`, '']
    const text = `select ${name} as part, ${digestColumns(false)}
      from ${hashedRows(table, where, false, also)} group by 1`
    const found = await readRows(reader, { text, values: parameters.values }, partRow, signal)
    return new Map(found.map((row) => [row.part, toDigest(row)]))
  }

  return {
    node: reader.name,
    key,
    async digest(range, versions, signal): Promise<Digest> {
      return toDigest(await readRow(reader, digestStatement(table, range, versions), digestRow, signal))
    },
    boundary: async (after, limit, signal) =>
      key[0] === placeColumn
        ? placeBehind(reader, table, { after, limit }, signal)
        : nth({ after, upTo: null }, limit, 'asc', signal),
    boundaryFromEnd: async (limit, signal) => nth({ after: null, upTo: null }, limit + 1, 'desc', signal),
    async cuts(range, { rows, parts }, signal) {
      const parameters = new Parameters()
      const where = whereOf(table, range, parameters)
      const step = Math.max(1, Math.ceil(rows / parts))
      const text = `select key from (
          select ${texts} as key, row_number() over (order by ${ordered('asc')}) as n from ${from} where ${where}) k
        where n % ${step} = 0 and n < ${rows} order by n`
      return (await readRows(reader, { text, values: parameters.values }, keyRow, signal)).map((row) => row.key)
    },
    async parts(range, cuts, signal) {
      const parameters = new Parameters()
      const where = whereOf(table, range, parameters)
      const whens = cuts.map((cut, n) => `when ${keyTuple(table)} <= ${keyValues(key, cut, parameters)} then ${n}`)
      const part = whens.length === 0 ? '0' : `case ${whens.join(' ')} else ${cuts.length} end`
      const byPart = await digests(where, { ofRow: part }, parameters, signal)
      return Array.from({ length: cuts.length + 1 }, (_, n) => byPart.get(n) ?? noRows)
    },
    async buckets(range, of, signal) {
      const parameters = new Parameters()
      const where = whereOf(table, range, parameters)
      const hash = bucketHashOf(table)
      // Without a key a row's bucket is told by the same hash: once is enough.
      const part = hash === hashOf(table) ? { ofHash: bucketOf('h', of) } : { ofRow: bucketOf(hash, of) }
      const byBucket = await digests(where, part, parameters, signal)
      return bucketsIn(range, of).map(({ n }) => byBucket.get(n) ?? noRows)
    },
    async rows(range, signal): Promise<readonly RowDigest[]> {
      const parameters = new Parameters()
      const where = whereOf(table, range, parameters)
      const text = `select ${texts} as key, ${hashOf(table)}::text as hash, ${versionOf}::text as version
        from ${from} where ${where}`
      return readRows(reader, { text, values: parameters.values }, rowRow, signal)
    },
    async rowsByKey(keys, images, signal) {
      if (keys.length === 0) return []
      const parameters = new Parameters()
      const text = `select ${texts} as key, ${hashOf(table)}::text as hash, ${versionOf}::text as version,
          ${columnHashesOf(table)} as columns, ${images ? imageOf(table) : 'null::text[]'} as image
        from ${from} where ${matching(keys, parameters)}`
      const rows = await readRows(reader, { text, values: parameters.values }, readRowRow, signal)
      return rows.map(({ columns, image, ...row }) => ({
        ...row,
        columns: byName(table, columns),
        image: toImage(table, image),
      }))
    },
    async copies(range, imagesOf, signal) {
      const parameters = new Parameters()
      const where = whereOf(table, range, parameters)
      const wanted = imagesOf.map((hash) => parameters.add(hash, 'hash')).join(', ')
      const image =
        imagesOf.length === 0 ? 'null::text[]' : `case when ${hashOf(table)} in (${wanted}) then ${imageOf(table)} end`
      // Arrays of arrays have to be of one length; a row's image is one value as json.
      const text = `select h::text as hash, array_agg(v) as versions, (json_agg(i) filter (where i is not null) -> 0) as image
        from (select ${hashOf(table)} as h, concat_ws('/', t.tableoid, t.ctid, t.xmin) as v, ${image} as i
          from ${from} where ${where} offset 0) z group by h`
      const found = await readRows(reader, { text, values: parameters.values }, copiesRow, signal)
      return found.map((row) => ({ ...row, image: toImage(table, row.image) }))
    },
  }
}
