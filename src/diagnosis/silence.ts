import type { Case, Evidence } from '../core/diagnosis.ts'
import type { ContractFact } from '../core/facts/cluster.ts'
import { isLost } from './connection-codes.ts'
import { contractEffects, findingsOf, outcomeEffects, type Effect } from './effects.ts'
import { contractHarm } from './harm.ts'
import { instanceHarm } from './instances.ts'
import { contractsOf, nodeOf, pathsOf } from './look.ts'
import { hostOf, isLogRead } from './server-log.ts'

/** A node that nobody reaches: how long, how it refuses, what that does to others. */

export interface Silence {
  readonly node: string
  readonly ms: number
  readonly sinceMs: number
  /** Refused at once: its host answers, and nothing listens there. Else nothing came back. */
  readonly isRefused: boolean
  readonly evidence: Evidence
}

/** Longer than a planned restart of a small server takes to refuse and answer again. */
export const leastMs = 3_000

/** Null where somebody reaches it: our own path, or the application by its own route. */
export function silenceOf(c: Case, node: string): Silence | null {
  const paths = pathsOf(c).filter((path) => path.node === node)
  const ms = c.unansweredMs[node] ?? 0
  if (paths.some(({ reached }) => reached) || (paths.length === 0 && ms < leastMs)) return null
  const sinceMs = c.atMs - ms
  const isUsed = contractsOf(c).some(
    (result) => result.node === node && result.atMs >= sinceMs && (result.ok || isAnswered(result)),
  )
  if (isUsed) return null
  const details = [
    ...paths.map(({ detail }) => detail ?? ''),
    ...contractsOf(c)
      .filter((result) => result.node === node && !result.ok)
      .map(({ code }) => code ?? ''),
  ]
  const detail = details.find((text) => text !== '') ?? 'no answer'
  return {
    node,
    ms,
    sinceMs,
    isRefused: details.some((text) => /ECONNREFUSED|refused/i.test(text)),
    evidence: {
      words: `${node} has not answered for ${Math.round(ms / 100) / 10} s: ${detail}`,
      node,
      source: 'connection',
      values: { unanswered_ms: Math.round(ms), detail },
    },
  }
}

/** Its host has been looked at since, and no postmaster runs there. */
export const isAbsentOn = (c: Case, { node, sinceMs }: Silence): boolean => {
  const host = hostOf(c, node)
  return host?.postmaster === 'absent' && host.atMs >= sinceMs
}

/** Neither its log nor its host says anything: stopped, crashed and not able to start look alike from afar. */
export const isUntold = (c: Case, silence: Silence): boolean => !isLogRead(c, silence.node) && !isAbsentOn(c, silence)

/** What would tell them apart. */
export const untold = (c: Case, silence: Silence): string =>
  isUntold(c, silence)
    ? `the log and the host of ${silence.node}: was it ordered to stop, did a start fail, is its postmaster there? Give the node a host in the configuration`
    : `the log of ${silence.node}: was it ordered to stop, or did a start fail?`

/** A refusal by the server itself is an answer. */
const isAnswered = ({ layer }: ContractFact): boolean =>
  layer !== null && !['dns', 'tcp', 'latency', 'tls'].includes(layer)

const isGone = ({ layer, code }: ContractFact): boolean =>
  layer === 'tcp' || layer === 'dns' || layer === 'latency' || layer === 'tls' || code === '57P03'

/** Who feels that the node is gone. */
export const goneHarm = (c: Case, { node, ms, evidence }: Silence): readonly Evidence[] => [
  ...contractHarm(c, node, isGone),
  ...instanceHarm(c, node, { instances: null }, isLost),
  ...(ms >= leastMs && findingsOf(c, 'connections/reachable', node).length > 0 ? [evidence] : []),
]

/** A primary whose commits wait for a synchronous standby waits for the one that is gone. */
export function syncEffects(c: Case, standby: string): readonly Effect[] {
  const node = nodeOf(c, standby)
  return node?.role === 'standby' && node.upstream !== null
    ? findingsOf(c, 'replication/sync-standby-missing', node.upstream)
    : []
}

/** What shows elsewhere when a node is gone: the links that hang on it. */
const onFollowers = [
  'replication/standby-connected',
  'replication/subscription-down',
  'replication/subscription-errors',
  'replication/lag-time',
  'replication/lag-bytes',
]
const onItself = [
  'connections/reachable',
  'connections/auth',
  'connections/error-rate',
  'availability/no-writable-primary',
  'availability/primary-dead-vs-unreachable',
  'errors/log-error-rate',
  'errors/panic-or-crash',
  'configuration/restarted',
]

export const goneEffects = (c: Case, node: string): readonly Effect[] => [
  ...onItself.flatMap((check) => findingsOf(c, check, node)),
  ...contractEffects(c, node, isGone),
  ...outcomeEffects(c, node, isLost),
  ...syncEffects(c, node),
  ...c.snapshot.nodes
    .filter(({ upstream }) => upstream === node)
    .flatMap(({ name }) => onFollowers.flatMap((check) => findingsOf(c, check, name))),
]
