import { swapFactsByReader } from '../../engines/postgres/act/swap/facts.ts'
import { readTableShape } from '../../engines/postgres/rows/table-shape.ts'
import type { TableName, TableReach } from './reach.ts'
import type { Rebuild } from './rebuild.ts'

/** What a rebuild is planned from, as the reading roles of both nodes see it. */
export async function gatherRebuild(
  reach: TableReach,
  { schema, table, primary, donor }: TableName & { readonly primary: string; readonly donor: string },
  signal: AbortSignal,
): Promise<Pick<Rebuild, 'facts' | 'donorFacts' | 'key' | 'sameOrder'>> {
  const name = { schema, table }
  return reach.read(primary, signal, async (own) =>
    reach.read(donor, signal, async (other) => {
      const [facts, donorFacts] = await Promise.all([
        swapFactsByReader(own, name, signal),
        swapFactsByReader(other, name, signal),
      ])
      if (facts.oid === null || donorFacts.oid === null) return { facts, donorFacts: null, key: [], sameOrder: true }
      const [mine, theirs] = await Promise.all([readTableShape(own, name, signal), readTableShape(other, name, signal)])
      return { facts, donorFacts, key: theirs.key, sameOrder: mine.keyOrder === theirs.keyOrder }
    }),
  )
}
