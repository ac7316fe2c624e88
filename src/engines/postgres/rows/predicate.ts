import type { Bucket, Key, Range } from './comparable.ts'
import { identifier } from './sql.ts'

/** Collects the values of a statement: `$1`, `$2` … in the order in which they are named. */
export class Parameters {
  readonly values: string[] = []
  readonly #numbers = new Map<string, number>()

  /** The same text in the same place (`slot`) is one parameter: its type is inferred once, from the column beside it. */
  add(value: string, slot: string): string {
    const known = this.#numbers.get(`${slot} ${value}`)
    if (known !== undefined) return `$${known}`
    this.values.push(value)
    this.#numbers.set(`${slot} ${value}`, this.values.length)
    return `$${this.values.length}`
  }
}

export interface Keyed {
  readonly key: readonly string[]
  /** Columns of the key that are compared byte by byte, because the nodes sort their text otherwise. */
  readonly bytewise?: readonly string[]
  /** The row filter of the publication. */
  readonly rowFilter: string | null
}

/** One column of the key, as it is compared. */
export const keyColumn = ({ bytewise = [] }: Pick<Keyed, 'bytewise'>, name: string): string =>
  `t.${identifier(name)}${bytewise.includes(name) ? ' collate "C"' : ''}`

/** `(a, b)`, or the bare column: a row of one would keep PostgreSQL from its index on some types. */
export function keyTuple(keyed: Pick<Keyed, 'key' | 'bytewise'>): string {
  const columns = keyed.key.map((name) => keyColumn(keyed, name)).join(', ')
  return keyed.key.length === 1 ? columns : `(${columns})`
}

/** The key's values in the place of `keyTuple`. */
export function keyValues(key: readonly string[], values: Key, parameters: Parameters): string {
  const list = values.map((value, n) => parameters.add(value, key[n] ?? String(n))).join(', ')
  return values.length === 1 ? list : `(${list})`
}

/** Which of `of` buckets a row with this hash is in. */
export const bucketOf = (hash: string, of: number): string => `(${hash} & ${of - 1})`

const inBucket = (hash: string, { n, of }: Bucket): string => `${bucketOf(hash, of)} = ${n}`

/** Rows of a range that belong to the comparison; `true` where that is all of them. */
export function within(keyed: Keyed, range: Range, parameters: Parameters, bucketHash: string): string {
  const tuple = keyTuple(keyed)
  const parts = [
    ...(keyed.rowFilter === null ? [] : [`(${keyed.rowFilter})`]),
    ...(range.after === null ? [] : [`${tuple} > ${keyValues(keyed.key, range.after, parameters)}`]),
    ...(range.upTo === null ? [] : [`${tuple} <= ${keyValues(keyed.key, range.upTo, parameters)}`]),
    ...(range.bucket === undefined ? [] : [inBucket(bucketHash, range.bucket)]),
  ]
  return parts.length === 0 ? 'true' : parts.join(' and ')
}

/** Keys as an array of text, in the order of the key. */
export const keyTexts = (key: readonly string[]): string =>
  `array[${key.map((name) => `t.${identifier(name)}::text`).join(', ')}]::text[]`
