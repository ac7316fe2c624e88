import { z } from 'zod'
import type { SampledTable } from '../core/rolling.ts'
import { list } from './scalar.ts'

const key = list(z.string())
const number = z.number()

/** What the rolling sample has found of a table, as the store keeps it. */
const sampledTable = z.object({
  left: z.string(),
  right: z.string(),
  schema: z.string(),
  table: z.string(),
  name: z.string(),
  stamp: z.string().nullable(),
  after: key.nullable(),
  begunMs: number.nullable(),
  rows: number,
  hasHole: z.boolean(),
  verifiedMs: number.nullable(),
  endedMs: number.nullable(),
  failures: number,
  difference: z
    .object({
      keys: list(key),
      more: z.boolean(),
      from: key.nullable(),
      times: number,
      sinceMs: number,
      atMs: number,
      againMs: number,
      surplus: number.nullable(),
      sourceRows: number.nullable(),
    })
    .nullable(),
  refusal: z
    .object({
      detail: z.string(),
      remedy: z.string(),
      isForbidden: z.boolean(),
      times: number,
      sinceMs: number,
      atMs: number,
    })
    .nullable(),
}) satisfies z.ZodType<SampledTable>

/** null where another version has written it: then the table is compared from its beginning. */
export const readSampled = (value: unknown): SampledTable | null => sampledTable.safeParse(value).data ?? null
