import { nodeReader } from '../../engines/postgres/rows/node-reader.ts'
import type { Follows } from '../../engines/postgres/rows/wal-position.ts'
import { TouchedComparer } from '../../rows/touched.ts'
import type { Place } from '../canary/expected.ts'
import type { FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import type { ComparedTable } from '../rehearsal.ts'
import type { Stage } from './stage.ts'
import { linkOf } from './stage.ts'

const limits = {
  maxRows: { default: 10_000, unit: 'rows', why: 'a copy has only the rows that we and the change have written' },
  fenceMs: { default: 2000, unit: 'ms', why: 'the test rows have arrived already, or have not' },
} as const

/** Compares what the change touched on every node that carries it, behind a fence. */
export async function compareTables(
  stage: Stage,
  tables: readonly FillableTable[],
  placesOf: (table: FillableTable) => readonly Place[],
): Promise<readonly ComparedTable[]> {
  const comparer = new TouchedComparer()
  const source = nodeReader(linkOf(stage, stage.primary))
  const compared: ComparedTable[] = []
  for (const { schema, name, ...rest } of tables)
    for (const place of placesOf({ schema, name, ...rest })) {
      // Under its root's name a partition has all of its siblings' rows as well.
      if (place.name !== name || place.schema !== schema) continue
      const follows: Follows =
        place.subscription === null ? { kind: 'physical' } : { kind: 'logical', subscription: place.subscription }
      const { verdict, detail } = await comparer.compare({
        pair: { source, target: nodeReader(linkOf(stage, place.node)), follows },
        schema,
        table: name,
        columns: null,
        rowFilter: null,
        maxRows: limits.maxRows.default,
        fence: { deadlineMs: limits.fenceMs.default, passive: false },
        signal: stage.signal,
      })
      compared.push({ schema, table: name, node: place.node, verdict, detail })
    }
  return compared
}
