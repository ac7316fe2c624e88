import { z } from 'zod'
import type { ContractFact, Layer } from '../core/facts/cluster.ts'
import { time, timeOf } from './scalar.ts'

export const layers = [
  'dns',
  'tcp',
  'tls',
  'access',
  'auth',
  'database',
  'capacity',
  'role',
  'query',
  'latency',
  'data',
  'stale',
] as const satisfies readonly Layer[]

/** What was seen of a connection beside its answer; an error fails it. */
export const contractNoteShape = z.object({
  about: z.enum(['tls', 'sessions', 'writes', 'tables', 'prepared-statements', 'replication']),
  severity: z.enum(['info', 'warning', 'error']),
  layer: z.enum(layers),
  code: z.string().nullable(),
  message: z.string(),
  remedy: z.string().nullable(),
})

/** A login by which one server follows another; `ok: null`: not to be seen, or switched off. */
export const replicationLoginShape = z.object({
  cluster: z.string(),
  node: z.string(),
  kind: z.enum(['standby', 'subscription']).nullable(),
  name: z.string().nullable(),
  host: z.string().nullable(),
  port: z.number().nullable(),
  user: z.string().nullable(),
  slot: z.string().nullable(),
  ok: z.boolean().nullable(),
  from: z.string().nullable(),
  layer: z.enum(layers).nullable(),
  code: z.string().nullable(),
  message: z.string(),
  remedy: z.string().nullable(),
})

export const contractResultShape = z.object({
  contract: z.string(),
  instance: z.string(),
  node: z.string(),
  from: z.string(),
  role: z.string().nullable(),
  at: time,
  ok: z.boolean(),
  layer: z.enum(layers).nullable(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  ms: z.number(),
  failures: z.number(),
  route: z.enum(['application', 'node']),
  notes: z.array(contractNoteShape).optional(),
})

export function contractResultJson(fact: ContractFact) {
  const { contract, instance, node, from, role, ok, layer, code, message, ms, failures, route } = fact
  return {
    contract,
    instance,
    node,
    from,
    role,
    at: timeOf(fact.atMs),
    ok,
    layer,
    code,
    message,
    ms,
    failures,
    route,
  } satisfies z.output<typeof contractResultShape>
}
