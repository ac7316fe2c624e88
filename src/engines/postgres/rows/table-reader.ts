import { z } from 'zod'
import type { ColumnHashes, ComparableTable, Digest, Key, Range, RowDigest } from './comparable.ts'
import type { Compared } from './digest-statement.ts'
import { digestColumns, digestRow, digestStatement, hashedRows, toDigest, versionOf } from './digest-statement.ts'
import { rowHash } from './exact-column.ts'
import type { NodeReader } from './node-reader.ts'
import { readRow, readRows } from './node-reader.ts'
import { keyTexts, keyTuple, keyValues, Parameters, within } from './predicate.ts'
import { identifier, literal, qualified } from './sql.ts'

const keyRow = z.object({ key: z.array(z.string()) })
const rowRow = z.object({ key: z.array(z.string()), hash: z.string(), version: z.string() })
const partRow = digestRow.extend({ part: z.number() })
const columnsRow = z.object({ key: z.array(z.string()), columns: z.record(z.string(), z.string()) })

/** One table on one node. Key order is the node's own; nothing relies on two nodes having the same. */
export function openTable(reader: NodeReader, table: Compared): ComparableTable {
  const { key } = table
  const from = `${qualified(table.schema, table.table)} t`
  const texts = keyTexts(key)
  const ordered = (direction: 'asc' | 'desc'): string =>
    key.map((name) => `t.${identifier(name)} ${direction}`).join(', ')
  const nth = async (range: Range, n: number, direction: 'asc' | 'desc', signal: AbortSignal): Promise<Key | null> => {
    const parameters = new Parameters()
    const where = within(table, range, parameters)
    const text = `select ${texts} as key from ${from} where ${where} order by ${ordered(direction)} offset ${n - 1} limit 1`
    const rows = await readRows(reader, { text, values: parameters.values }, keyRow, signal)
    return rows[0]?.key ?? null
  }
  const matching = (keys: readonly Key[], parameters: Parameters): string =>
    `${keyTuple(key)} in (${keys.map((values) => keyValues(key, values, parameters)).join(', ')})
      ${table.rowFilter === null ? '' : `and (${table.rowFilter})`}`
  const readDigests = async (
    where: string,
    parameters: Parameters,
    signal: AbortSignal,
  ): Promise<readonly RowDigest[]> => {
    const text = `select ${texts} as key, ${rowHash(table.columns)}::text as hash, ${versionOf}::text as version
      from ${from} where ${where}`
    return readRows(reader, { text, values: parameters.values }, rowRow, signal)
  }

  return {
    node: reader.name,
    key,
    async digest(range, versions, signal): Promise<Digest> {
      return toDigest(await readRow(reader, digestStatement(table, range, versions), digestRow, signal))
    },
    boundary: async (after, limit, signal) => nth({ after, upTo: null }, limit, 'asc', signal),
    boundaryFromEnd: async (limit, signal) => nth({ after: null, upTo: null }, limit + 1, 'desc', signal),
    async cuts(range, { rows, parts }, signal) {
      const parameters = new Parameters()
      const where = within(table, range, parameters)
      const step = Math.max(1, Math.ceil(rows / parts))
      const text = `select key from (
          select ${texts} as key, row_number() over (order by ${ordered('asc')}) as n from ${from} where ${where}) k
        where n % ${step} = 0 and n < ${rows} order by n`
      return (await readRows(reader, { text, values: parameters.values }, keyRow, signal)).map((row) => row.key)
    },
    async parts(range, cuts, signal) {
      const parameters = new Parameters()
      const where = within(table, range, parameters)
      const whens = cuts.map((cut, n) => `when ${keyTuple(key)} <= ${keyValues(key, cut, parameters)} then ${n}`)
      const part = whens.length === 0 ? '0' : `case ${whens.join(' ')} else ${cuts.length} end`
      const text = `select part, ${digestColumns(false)}
        from ${hashedRows(table, where, false, `, ${part} as part`)} group by part`
      const found = await readRows(reader, { text, values: parameters.values }, partRow, signal)
      const byPart = new Map(found.map((row) => [row.part, toDigest(row)]))
      const none: Digest = { rows: 0, hash: '0/0/0', versions: null }
      return Array.from({ length: cuts.length + 1 }, (_, n) => byPart.get(n) ?? none)
    },
    async rows(range, signal) {
      const parameters = new Parameters()
      return readDigests(within(table, range, parameters), parameters, signal)
    },
    async rowsByKey(keys, signal) {
      const parameters = new Parameters()
      return keys.length === 0 ? [] : readDigests(matching(keys, parameters), parameters, signal)
    },
    async columnHashes(keys, signal): Promise<readonly ColumnHashes[]> {
      const parameters = new Parameters()
      const pairs = table.columns.map((column) => `${literal(column.name)}, ${rowHash([column])}::text`)
      const text = `select ${texts} as key, ${objectOf(pairs)} as columns from ${from} where ${matching(keys, parameters)}`
      return keys.length === 0 ? [] : readRows(reader, { text, values: parameters.values }, columnsRow, signal)
    },
  }
}

/** A function takes 100 arguments at most. */
function objectOf(pairs: readonly string[]): string {
  const calls: string[] = []
  for (let n = 0; n < pairs.length; n += 50) calls.push(`jsonb_build_object(${pairs.slice(n, n + 50).join(', ')})`)
  return calls.length === 0 ? "'{}'::jsonb" : calls.join(' || ')
}
