import { readImageColumns } from '../../engines/postgres/rows/row-images.ts'
import type { Pair } from '../../rows/fence.ts'
import type { Links } from '../../rows/links.ts'
import { asPublished, prepare, type TableName } from '../../rows/prepare.ts'
import type { TableOnBoth } from './settle.ts'
import type { Direction } from './table-rows.ts'

export async function pairOf(links: Links, { left, right, subscription }: Direction): Promise<Pair> {
  const [source, target] = await Promise.all([links.reader(left), links.reader(right)])
  return { source, target, follows: subscription === null ? { kind: 'physical' } : { kind: 'logical', subscription } }
}

/** A table as both nodes have it; `left` says why it cannot be compared in all of its columns. */
export interface Opened {
  readonly table: TableOnBoth
  readonly left: readonly string[]
}

/** Reads the shapes of a table on both nodes. Throws `ReadFailed` where one does not show it. */
export async function openOnBoth(
  pair: Pair,
  { schema, table }: TableName,
  passiveFence: boolean,
  signal: AbortSignal,
): Promise<Opened> {
  const scope = await asPublished(pair, { schema, table }, signal)
  const { compared, left } = await prepare(pair, scope, signal)
  const [onLeft, onRight] = await Promise.all([
    readImageColumns(pair.source, { schema, table }, signal),
    readImageColumns(pair.target, { schema, table }, signal),
  ])
  const { key, columns } = compared
  return {
    table: {
      pair,
      left: { schema, table, key, columns: onLeft, rowFilter: scope.rowFilter },
      right: { schema, table, key, columns: onRight },
      compared: columns,
      passiveFence,
    },
    left,
  }
}
