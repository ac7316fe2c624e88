import type { PostgresFacts } from '../core/facts/postgres/index.ts'
import type { Seen } from '../core/observation.ts'
import type { NodeView } from '../core/snapshot.ts'

/** The facts that say what a node is, rather than how it is doing. */
export const fingerprintKeys = [
  'server',
  'tables',
  'publications',
  'subscriptions',
  'settings',
  'roles',
  'roleSettings',
  'accessRules',
  'functions',
  'triggers',
  'extensions',
  'databases',
] as const
export type FingerprintKey = (typeof fingerprintKeys)[number]

/** What was last seen of each; a fact that was never seen is absent. Each has its own time. */
export interface Fingerprint {
  readonly node: string
  readonly facts: { readonly [K in FingerprintKey]?: Seen<PostgresFacts[K]> }
}

/** The fingerprint after an observation: what could not be seen this time stays as it was, with its older time. */
export function fingerprintOf(node: Pick<NodeView, 'name' | 'facts'>, before?: Fingerprint): Fingerprint {
  const facts = { ...before?.facts }
  const keep = (key: FingerprintKey): void => {
    const observed = node.facts[key]
    // A kept fact is older than what we know of it: `stillAt` may have moved its time.
    if (observed.seen && observed.atMs >= (facts[key]?.atMs ?? 0)) Object.assign(facts, { [key]: observed })
  }
  for (const key of fingerprintKeys) keep(key)
  return { node: node.name, facts }
}

/** The same content, known to be still so at a later time: this narrows the interval in which the next change happened. */
export function stillAt(fingerprint: Fingerprint, keys: readonly FingerprintKey[], atMs: number): Fingerprint {
  const facts = { ...fingerprint.facts }
  const move = (key: FingerprintKey): void => {
    const fact = facts[key]
    if (fact && fact.atMs < atMs) Object.assign(facts, { [key]: { ...fact, atMs } })
  }
  for (const key of keys) move(key)
  return { node: fingerprint.node, facts }
}
