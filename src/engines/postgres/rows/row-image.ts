import type { RowImage } from '../../../core/verification.ts'
import type { Compared } from './digest-statement.ts'
import { rowHash } from './exact-column.ts'
import { identifier, literal } from './sql.ts'

const limits = {
  valueBytes: {
    default: 65_536,
    unit: 'B',
    why: 'evidence is read by people, and a thousand rows of it fit into memory',
  },
} as const

const marks = ['<antemortem: ', ' bytes, sha256 ', '>'] as const
const mark = /^<antemortem: (\d+) bytes, sha256 ([0-9a-f]{64})>$/

/** What an image holds in the place of a value above 64 KiB; null where it is the value itself. */
export function digested(value: string | null): { readonly bytes: number; readonly sha256: string } | null {
  const [, bytes, sha256] = mark.exec(value ?? '') ?? []
  return bytes === undefined || sha256 === undefined ? null : { bytes: Number(bytes), sha256 }
}

/** The compared columns of a row as text, in their order. A large value never travels: only its length and SHA-256 do. */
export function imageOf({ columns }: Compared): string {
  const values = columns.map(({ name }) => {
    const text = `t.${identifier(name)}::text`
    const [begin, between, end] = marks.map(literal)
    return `case when octet_length(${text}) <= ${limits.valueBytes.default} then ${text}
      else ${begin} || octet_length(${text}) || ${between} || encode(sha256(textsend(${text})), 'hex') || ${end} end`
  })
  return `array[${values.join(', ')}]::text[]`
}

/** A hash of each compared column, in their order. */
export const columnHashesOf = ({ columns, way }: Compared): string =>
  `array[${columns.map((column) => rowHash([column], way)).join(', ')}]::text[]`

/** Values in the order of the columns, by the names of these. */
export const byName = <T>({ columns }: Compared, values: readonly T[]): Readonly<Record<string, T>> =>
  Object.fromEntries(values.map((value, n) => [columns[n]?.name ?? String(n), value]))

export const toImage = (table: Compared, values: readonly (string | null)[] | null): RowImage | null =>
  values === null ? null : byName(table, values)
