import { z } from 'zod'
import { verifyEveryMs, verifyLoad } from '../core/configuration.ts'
import { readQuantity } from './quantity.ts'

/** Names become part of subjects (`node:schema.table`), of URLs and of file names: no colon, slash, arrow or space. */
const name = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/, {
  error: 'a name has letters, digits, _ . and - only, and at most 63 of them',
})

const text = z.string().trim().min(1, { error: 'is empty' })
const textOrList = z.union([text, z.array(text).min(1, { error: 'is empty' })], {
  error: 'expected text or a list of texts',
})
const milliseconds = z.union([z.number(), z.string()], { error: 'expected milliseconds, or a duration such as 5s' })

/** What the engine can read; whether it leads anywhere shows when it is used. */
const address = text.regex(/^(?:env:.|file:.|postgres(?:ql)?:\/\/|[a-z_]+\s*=)/i, {
  error: 'expected env:NAME, file:PATH, service=NAME or postgres://USER@HOST:PORT/DATABASE',
})

/** What the system's ssh takes. It never begins with a dash: that would be an option. */
const destination = text.regex(
  /^(?:ssh:\/\/)?(?:[A-Za-z0-9_][\w.-]*@)?(?:[A-Za-z0-9][\w.:-]*|\[[0-9a-fA-F:]+\](?::\d+)?)$/,
  { error: "expected USER@HOST, or a Host of the user's ssh configuration" },
)

/** Which keys belong together is said in `hosts.ts`. */
export const host = z.strictObject({
  local: z.boolean().optional(),
  data: text.optional(),
  log: text.optional(),
  ssh: destination.optional(),
})

export const node = z.strictObject({ url: address, act: address.optional(), host: host.optional() })

export const contract = z.strictObject({
  settings: textOrList,
  node: name,
  read_only: z.boolean().default(false),
  reads: z
    .union([z.array(name), z.record(name, text)], { error: 'expected node names, or NODE: "FILE#KEY"' })
    .default([]),
  canary: text.optional(),
  within_ms: milliseconds.default(1_000),
  stale_ms: milliseconds.default(5_000),
  outcomes: text.regex(/^file:./, { error: 'expected file:PATH' }).optional(),
  writes: textOrList.optional(),
  prepared_statements: z.boolean().optional(),
  canary_table: text
    .regex(/^[^.\s"']+\.[^.\s"']+$/, { error: 'expected SCHEMA.TABLE, such as app.antemortem_canary' })
    .optional(),
})

export const invariant = z.strictObject({
  sql: text,
  expect: z.union([z.string(), z.number(), z.boolean()], {
    error: 'expected the value as text, a number, true or false',
  }),
  on: z.union([name, z.array(name)], { error: 'expected names of nodes' }).default([]),
})

export const mute = z.strictObject({
  check: text,
  subject: text.optional(),
  owner: text,
  reason: text,
  until: text,
})

/** Text as on the command line: a number, or a percentage. */
const share = z
  .union([z.number(), z.string()], { error: 'expected a share such as 0.1 or 10%' })
  .transform((value, context) => {
    const read = readQuantity(value, 'share')
    if (read !== null && read > 0) return read
    context.addIssue({ code: 'custom', message: 'expected a share above 0 and up to 1, such as 0.1 or 10%' })
    return z.NEVER
  })

const leastEveryMs = 60_000

const every = z
  .union([z.number(), z.string()], { error: 'expected a duration such as 12h or 7d' })
  .transform((value, context) => {
    const ms = readQuantity(value, 'ms')
    if (ms !== null && ms >= leastEveryMs) return ms
    context.addIssue({ code: 'custom', message: 'expected a duration of a minute or more, such as 12h or 7d' })
    return z.NEVER
  })

export const verify = z.strictObject({
  tables: z.array(text).default([]),
  load: share.default(verifyLoad),
  every: every.default(verifyEveryMs),
})

export const cluster = z.strictObject({
  engine: z.literal('postgres', { error: "expected 'postgres'; other engines are not in this version yet" }),
  nodes: z.record(name, node).refine((nodes) => Object.keys(nodes).length > 0, { error: 'names no node' }),
  contracts: z.record(name, contract).default({}),
  fence: z.enum(['message', 'passive'], { error: "expected 'message' or 'passive'" }).default('message'),
  checks: z.record(name, invariant).default({}),
  verify: verify.optional(),
})

export const file = z.strictObject({
  clusters: z
    .record(name, cluster)
    .refine((clusters) => Object.keys(clusters).length > 0, { error: 'names no cluster' }),
  postmortems: text.optional(),
  store: text.default('sqlite:antemortem.db'),
  thresholds: z.record(z.string(), z.record(z.string(), z.union([z.number(), z.string()]))).default({}),
  mutes: z.array(mute).default([]),
})

export type FileShape = z.output<typeof file>
export type ClusterShape = z.output<typeof cluster>
export type ContractShape = z.output<typeof contract>
export type HostShape = z.output<typeof host>
export type InvariantShape = z.output<typeof invariant>
export type MuteShape = z.output<typeof mute>

/** What docs/cli.md describes and this version does not do yet: said plainly, because ignoring it would promise too much. */
export const planned: Readonly<Record<'file' | 'cluster' | 'node' | 'contract', readonly string[]>> = {
  file: ['changes', 'server', 'notify', 'maintenance'],
  cluster: ['backup', 'failover', 'maintenance'],
  node: [],
  contract: [],
}

/** Which of the shapes above stands at a path, so that an unknown key can be told its neighbours. */
export function shapeAt(
  path: readonly PropertyKey[],
): { readonly known: readonly string[]; readonly planned: readonly string[] } | null {
  const [, , part] = path
  if (path.length === 0) return { known: Object.keys(file.shape), planned: planned.file }
  if (path.length === 2 && path[0] === 'mutes') return { known: Object.keys(mute.shape), planned: [] }
  if (path[0] !== 'clusters') return null
  if (path.length === 2) return { known: Object.keys(cluster.shape), planned: planned.cluster }
  if (path.length === 3 && part === 'verify') return { known: Object.keys(verify.shape), planned: [] }
  if (path.length === 4 && part === 'nodes') return { known: Object.keys(node.shape), planned: planned.node }
  if (path.length === 5 && part === 'nodes' && path[4] === 'host')
    return { known: Object.keys(host.shape), planned: [] }
  if (path.length === 4 && part === 'checks') return { known: Object.keys(invariant.shape), planned: [] }
  if (path.length === 4 && part === 'contracts')
    return { known: Object.keys(contract.shape), planned: planned.contract }
  return null
}
