import { z } from 'zod'
import type { Actor } from '../../engines/postgres/act/actor.ts'
import { readSwapFacts, swapFacts, type SwapFacts } from '../../engines/postgres/act/swap/facts.ts'

/** What the acting role sees of a table now. */
export async function factsBy(actor: Actor, schema: string, table: string): Promise<SwapFacts> {
  const [row] = await actor.run({ text: `select current_setting('server_version_num')::int4 as version` })
  const { version } = z.object({ version: z.number() }).parse(row)
  return readSwapFacts(await actor.run(swapFacts(version, schema, table)))
}
