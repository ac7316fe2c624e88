import { z } from 'zod'

/** What `verify` was told of the tables of a pair, as the store keeps it: by name of the table. */
const toldTables = z.record(
  z.string(),
  z.object({
    atMs: z.number(),
    what: z.enum(['same', 'different', 'unknown']),
    oldestMs: z.number().nullable(),
  }),
)

export type ToldTables = z.output<typeof toldTables>

/** null where another version has written it. */
export const readTold = (value: unknown): ToldTables | null => toldTables.safeParse(value).data ?? null
