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
