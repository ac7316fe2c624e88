import type { FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import { insertOf, ladders, lookUp, parentsFirst, rowFor } from './row.ts'

const rowsPerTable = 3
/** Away from the small numbers that a change itself is likely to write. */
const firstNumber = 5000

/**
 * A few rows for every table, as statements that cannot fail: each row is tried in several kinds, and a table that takes
 * none of them stays empty. Without rows a subscription's first copy and most updates would prove nothing.
 */
export const syntheticData = (tables: readonly FillableTable[]): readonly string[] =>
  parentsFirst(tables).map((table) => {
    const rows = Array.from({ length: rowsPerTable }, (_, n) =>
      ladders.plain
        .map((kind) =>
          insertOf(
            table,
            rowFor(table, { kind, n: firstNumber + n, shared: n, refer: (key, index) => lookUp(key, index, n) }),
          ),
        )
        .reduceRight((otherwise, insert) => `begin ${insert}; exception when others then ${otherwise} end;`, 'null;'),
    )
    return `do $antemortem$ begin ${rows.join('\n')} end $antemortem$`
  })
