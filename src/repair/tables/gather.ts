import { z } from 'zod'
import { readSwapFacts, swapFacts, type SwapFacts } from '../../engines/postgres/act/swap/facts.ts'
import { readRow, readRows, type NodeReader } from '../../engines/postgres/rows/node-reader.ts'
import { qualified } from '../../engines/postgres/rows/sql.ts'
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
      const [facts, donorFacts] = await Promise.all([factsOf(own, name, signal), factsOf(other, name, signal)])
      if (facts.oid === null || donorFacts.oid === null) return { facts, donorFacts: null, key: [], sameOrder: true }
      const [mine, theirs] = await Promise.all([readTableShape(own, name, signal), readTableShape(other, name, signal)])
      return { facts, donorFacts, key: theirs.key, sameOrder: mine.keyOrder === theirs.keyOrder }
    }),
  )
}

async function factsOf(reader: NodeReader, { schema, table }: TableName, signal: AbortSignal): Promise<SwapFacts> {
  const { version } = await readRow(
    reader,
    { text: `select current_setting('server_version_num')::int4 as version` },
    z.object({ version: z.number() }),
    signal,
  )
  return readSwapFacts(await readRows(reader, swapFacts(version, schema, table), z.unknown(), signal))
}

/** The oid of an index; empty where it has gone. */
export async function indexOid(
  reach: TableReach,
  node: string,
  { schema, index }: { readonly schema: string; readonly index: string },
  signal: AbortSignal,
): Promise<string> {
  const statement = { text: 'select to_regclass($1)::oid::text as oid', values: [qualified(schema, index)] }
  const { oid } = await reach.read(node, signal, async (reader) =>
    readRow(reader, statement, z.object({ oid: z.string().nullable() }), signal),
  )
  return oid ?? ''
}
