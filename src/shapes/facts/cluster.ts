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
  roundTripMs: number.nullable().exactOptional(),
  directTripMs: number.nullable().exactOptional(),
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

const blindNode = z.object({ node: text, why: text, remedy: text })

const logs = z.object({
  readable: list(text),
  blind: list(blindNode.extend({ expected: z.boolean().exactOptional() })),
  entries: list(
    z.object({
      node: text,
      firstMs: number,
      lastMs: number,
      count: number,
      severity: text,
      code: text.nullable(),
      message: text,
      detail: text.nullable(),
      context: text.nullable(),
      role: text.nullable(),
      database: text.nullable(),
      application: text.nullable(),
    }),
  ),
})

const hostParts = ['postmaster', 'disks', 'configuration', 'libraries', 'access rules'] as const

const hosts = z.object({
  hosts: list(
    z.object({
      node: text,
      atMs: number,
      postmaster: z.enum(['running', 'absent', 'unknown']),
      pid: number.nullable(),
      port: number.nullable(),
      disks: list(
        z.object({ what: z.enum(['data', 'wal', 'log']), path: text, totalBytes: number, freeBytes: number }),
      ),
      cores: number,
      cpuBusy: number.nullable(),
      configured: list(z.object({ file: text, line: number, name: text, value: text })),
      misconfigured: list(z.object({ file: text, line: number, text })),
      missingLibraries: list(text).nullable(),
      accessRulesDigest: text.nullable(),
      unseen: list(z.object({ what: z.enum(hostParts), why: text, remedy: text })),
    }),
  ),
  blind: list(blindNode),
})

const settingsFile = z.object({
  contract: text,
  instance: text,
  file: text,
  atMs: number,
  problem: text.nullable(),
  keys: list(
    z.object({
      key: text,
      value: text,
      isSecret: z.boolean(),
      lastGood: text.nullable().exactOptional(),
      oldWorks: z.boolean().exactOptional(),
    }),
  ),
})

const lastGood = z.object({
  atMs: number,
  by: z.enum(['accept', 'gate', 'first', 'moved-on']),
  nodes: list(
    z.object({
      node: text,
      settings: z.record(text, text).readonly().nullable(),
      roleSettings: list(
        z.object({ role: text.nullable(), database: text.nullable(), name: text, value: text }),
      ).nullable(),
      accessRulesDigest: text.nullable(),
      systemId: text.nullable(),
      replication: z
        .object({
          inRecovery: z.boolean().nullable(),
          replayPaused: z.boolean().nullable(),
          slots: list(z.object({ name: text, isLost: z.boolean() })).nullable(),
        })
        .exactOptional(),
    }),
  ),
})

const invariant = z.object({
  name: text,
  node: text,
  atMs: number,
  value: text.nullable(),
  expected: text,
  ok: z.boolean(),
  problem: text.nullable(),
})

/** What belongs to no single node, by key. */
export const clusterFacts = {
  contracts: list(contract),
  canaries: list(canary),
  outcomes,
  touched: list(touched),
  paths: list(path),
  logs,
  hosts,
  files: list(settingsFile),
  lastGood,
  invariants: list(invariant),
} satisfies { [K in ClusterFactKey]: z.ZodType<ClusterFacts[K]> }
