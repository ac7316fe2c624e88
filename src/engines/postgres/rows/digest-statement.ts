import { z } from 'zod'
import type { Statement } from '../session.ts'
import type { Digest, Range } from './comparable.ts'
import type { ExactColumn, HashWay } from './exact-column.ts'
import { rowHash } from './exact-column.ts'
import type { Keyed } from './predicate.ts'
import { Parameters, within } from './predicate.ts'
import { qualified } from './sql.ts'

/** What is compared, the same on both nodes. */
export interface Compared extends Keyed {
  readonly schema: string
  readonly table: string
  readonly columns: readonly ExactColumn[]
  /** How both servers hash alike; left out: by the server's own function. */
  readonly way?: HashWay
}

const versionOf = 't.xmin::text::int8'

/** The hash of a whole row. */
export const hashOf = ({ columns, way }: Compared): string => rowHash(columns, way)

/** What a row's bucket is told by: a changed row has to be in the same one on both nodes, if it has a key. */
export function bucketHashOf({ columns, key, way }: Compared): string {
  const ofKey = columns.filter(({ name }) => key.includes(name))
  return rowHash(ofKey.length === 0 ? columns : ofKey, way)
}

/** Rows of a range that belong to the comparison. */
export const whereOf = (table: Compared, range: Range, parameters: Parameters): string =>
  within(table, range, parameters, bucketHashOf(table))

/** `count/xor/sum` over rows that have their hash in `h`, and the same with versions in `x`. */
export const digestColumns = (versions: boolean): string =>
  `count(*)::text as rows, coalesce(bit_xor(h), 0)::text as xor, coalesce(sum(h), 0)::text as sum,
  ${versions ? 'coalesce(sum(hashint8extended(h, x)), 0)::text' : 'null::text'} as versions`

/** OFFSET 0 keeps the planner from hashing each row once for every aggregate. */
export const hashedRows = (table: Compared, where: string, versions: boolean, also = ''): string =>
  `(select ${hashOf(table)} as h${versions ? `, ${versionOf} as x` : ''}${also}
    from ${qualified(table.schema, table.table)} t where ${where} offset 0) z`

export function digestStatement(table: Compared, range: Range, versions: boolean): Statement {
  const parameters = new Parameters()
  const where = whereOf(table, range, parameters)
  return {
    text: `select ${digestColumns(versions)} from ${hashedRows(table, where, versions)}`,
    values: parameters.values,
  }
}

export const digestRow = z.object({
  rows: z.string(),
  xor: z.string(),
  sum: z.string(),
  versions: z.string().nullable(),
})

export const toDigest = ({ rows, xor, sum, versions }: z.infer<typeof digestRow>): Digest => ({
  rows: Number(rows),
  hash: `${rows}/${xor}/${sum}`,
  versions,
})

export const noRows: Digest = { rows: 0, hash: '0/0/0', versions: null }

export { versionOf }
