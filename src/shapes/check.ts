import { z } from 'zod'
import type { Mute } from '../core/configuration.ts'
import { checkResultShape, findingShape } from './finding.ts'
import { list, severity, time, timeOf } from './scalar.ts'

/** A server that another one tells of, with the address that it still needs. */
export const unnamedShape = z.object({
  role: z.enum(['primary', 'standby', 'publisher', 'subscriber']),
  by: z.string(),
  name: z.string(),
  address: z.string().nullable(),
  slot: z.string().nullable(),
  url: z.string(),
})

const resolvedShape = z.object({
  check: z.string(),
  subject: z.string(),
  node: z.string().exactOptional(),
  severity,
  message: z.string(),
})

const endedMuteShape = z.object({
  check: z.string(),
  subject: z.string().nullable(),
  owner: z.string(),
  reason: z.string(),
  until: time,
})

const count = z.number()

/** What `check --format json` prints. */
export const checkReportShape = z.object({
  clusters: list(
    z.object({
      name: z.string(),
      nodes: list(z.object({ name: z.string(), role: z.string().nullable(), version: z.string() })),
      results: list(checkResultShape),
      findings: list(findingShape),
      known: list(findingShape).exactOptional(),
      resolved: list(resolvedShape).exactOptional(),
      unnamed: list(unnamedShape),
    }),
  ),
  summary: z.object({
    checks: count,
    info: count,
    warning: count,
    error: count,
    critical: count,
    blind: count,
    muted: count,
    known: count.exactOptional(),
    resolved: count.exactOptional(),
  }),
  ended_mutes: list(endedMuteShape).exactOptional(),
})

type Unnamed = Omit<z.output<typeof unnamedShape>, 'url'>

export const unnamedJson = ({ role, by, name, address, slot }: Unnamed, url: string) =>
  ({ role, by, name, address, slot, url }) satisfies z.output<typeof unnamedShape>

export const endedMuteJson = ({ check, subject, owner, reason, untilMs }: Mute) =>
  ({ check, subject, owner, reason, until: timeOf(untilMs) }) satisfies z.output<typeof endedMuteShape>
