import { z } from 'zod'
import { unnamedShape } from './check.ts'
import { list, severity, time } from './scalar.ts'

const text = z.string()

const nodeShape = z.object({
  name: text,
  role: z.enum(['primary', 'standby', 'subscriber']).nullable(),
  version: text.nullable(),
  upstream: text.nullable(),
  unseen: text.nullable(),
  link: z
    .object({ state: text, slot: text.nullable(), lag_bytes: z.number().nullable(), lag_ms: z.number().nullable() })
    .nullable(),
  takeover: z.object({ can: z.boolean(), why_not: list(text) }).nullable(),
  wrong: list(z.object({ check: text, severity, message: text })),
})

/** What `status --format json` prints. */
export const statusShape = z.object({
  clusters: list(
    z.object({
      name: text,
      verdict: z.enum(['ok', 'warning', 'error', 'critical', 'not-seen']),
      cause: z.object({ id: text, subject: text, verdict: text }).nullable(),
      nodes: list(nodeShape),
      /** Tables of pairs: `verified` are known to be the same to their last row, none by a look older than `oldest_at`. */
      verified: z.object({ tables: z.number(), verified: z.number(), oldest_at: time.nullable() }).nullable(),
      unnamed: list(unnamedShape),
    }),
  ),
})

export type StatusJson = z.output<typeof statusShape>
