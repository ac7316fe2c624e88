import { z } from 'zod'
import type { Statement } from '../session.ts'
import type { Digest, Range } from './comparable.ts'
import type { ExactColumn } from './exact-column.ts'
import { rowHash } from './exact-column.ts'
import { Parameters, within } from './predicate.ts'
import { qualified } from './sql.ts'

/** What is compared, the same on both nodes. */
export interface Compared {
  readonly schema: string
  readonly table: string
  readonly columns: readonly ExactColumn[]
  readonly key: readonly string[]
  readonly rowFilter: string | null
}

const versionOf = 't.xmin::text::int8'

/** `count/xor/sum` over rows that have their hash in `h`, and the same with versions in `x`. */
export const digestColumns = (versions: boolean): string =>
  `count(*)::text as rows, coalesce(bit_xor(h), 0)::text as xor, coalesce(sum(h), 0)::text as sum,
  ${versions ? 'coalesce(sum(hashint8extended(h, x)), 0)::text' : 'null::text'} as versions`

/** OFFSET 0 keeps the planner from hashing each row once for every aggregate. */
export const hashedRows = (table: Compared, where: string, versions: boolean, also = ''): string =>
  `(select ${rowHash(table.columns)} as h${versions ? `, ${versionOf} as x` : ''}${also}
    from ${qualified(table.schema, table.table)} t where ${where} offset 0) z`

export function digestStatement(table: Compared, range: Range, versions: boolean): Statement {
  const parameters = new Parameters()
  const where = within(table, range, parameters)
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

export { versionOf }
