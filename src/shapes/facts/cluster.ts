import { z } from 'zod'
import type { ClusterFactKey, ClusterFacts } from '../../core/facts/cluster.ts'
import { layers } from '../contract.ts'
import { list } from '../scalar.ts'
import { blindness } from './observation.ts'

const text = z.string()
const number = z.number()

const contract = z.object({
  contract: text,
  instance: text,
  node: text,
  from: text,
  role: text.nullable(),
  atMs: number,
  ok: z.boolean(),
  layer: z.enum(layers).nullable(),
  code: text.nullable(),
  message: text.nullable(),
  ms: number,
  failures: number,
  route: z.enum(['application', 'node']),
})

const canary = z.object({
  contract: text,
  atMs: number,
  tables: list(text),
  answers: list(
    z.object({ node: text, rows: number, digest: text, fence: z.enum(['reached', 'not-reached', 'not-needed']) }),
  ),
})

const outcomes = z.object({
  seconds: list(
    z.object({
      atMs: number,
      cells: list(z.object({ contract: text.exactOptional(), instance: text, node: text, code: text, count: number })),
    }),
  ),
  baseline: number.nullable(),
  baselines: z.record(text, number.nullable()).readonly().exactOptional(),
  unread: list(z.object({ contract: text, why: blindness, detail: text, remedy: text })).exactOptional(),
})

const touched = z.object({
  schema: text,
  table: text,
  source: text,
  node: text,
  atMs: number,
  verdict: z.enum(['equal', 'different', 'absent', 'lagging', 'unverifiable']),
  detail: text.nullable(),
  why: blindness.exactOptional(),
  remedy: text.exactOptional(),
  sourceRows: number.nullable(),
  nodeRows: number.nullable(),
  times: number,
  sinceMs: number,
  readBy: z.object({ roles: list(text), sessions: number, scans: number }),
})

/** A bundle from before `reached` took whatever was not well for a cut. */
const withReached = (path: unknown): unknown =>
  typeof path === 'object' && path !== null && 'ok' in path && !('reached' in path)
    ? { ...path, reached: path.ok }
    : path

const path = z.preprocess(
  withReached,
  z.object({
    from: text,
    node: text,
    atMs: number,
    ok: z.boolean(),
    reached: z.boolean(),
    ms: number,
    detail: text.nullable(),
  }),
)

/** What belongs to no single node, by key. */
export const clusterFacts = {
  contracts: list(contract),
  canaries: list(canary),
  outcomes,
  touched: list(touched),
  paths: list(path),
} satisfies { [K in ClusterFactKey]: z.ZodType<ClusterFacts[K]> }
