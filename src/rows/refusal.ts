import type { ReadFailed } from '../engines/postgres/rows/node-reader.ts'

/** What a failed read means for a comparison. */
export type Refusal =
  /** The server was busy with something else: the same question may be answered a moment later. */
  | 'again'
  | 'absent'
  /** The columns are no longer those that were read. */
  | 'reshaped'
  | 'forbidden'
  | 'corrupt'
  | 'unreadable'

const bySqlState: readonly (readonly [RegExp, Refusal])[] = [
  // Recovery conflict or serialization, deadlock, lock timeout, statement timeout or cancel.
  [/^(40001|40P01|55P03|57014)$/, 'again'],
  // Undefined table, and undefined or invalid schema.
  [/^(42P01|3F000)$/, 'absent'],
  [/^(42703|42804|42883)$/, 'reshaped'],
  [/^42501$/, 'forbidden'],
  // Data and index corrupted; "invalid page" and short reads come as these as well.
  [/^XX00[12]$/, 'corrupt'],
]

export function refusalOf({ failure }: ReadFailed): Refusal {
  const known = bySqlState.find(([pattern]) => pattern.test(failure.code ?? ''))
  if (known) return known[1]
  return /invalid page in block|could not read block/.test(failure.message) ? 'corrupt' : 'unreadable'
}

/** What to do about it, as an order. */
export function remedyOf(error: ReadFailed, schema: string, table: string): string {
  const refusal = refusalOf(error)
  if (refusal === 'forbidden')
    return /row-level security/.test(error.failure.message)
      ? `On ${error.node}: alter role of the reading login bypassrls, because a policy on ${schema}.${table} hides rows.`
      : `On ${error.node}: grant usage on schema ${schema}, grant select on ${schema}.${table} to the reading login.`
  if (refusal === 'corrupt') return `Take ${error.node} out of reading, and compare its file with the other nodes.`
  return error.failure.remedy
}

export const wordsOf = ({ node, failure }: ReadFailed): string =>
  `${node}: ${failure.code === null ? '' : `${failure.code} `}${failure.message}`
