import type { FactKey } from '../core/facts/postgres/index.ts'
import type { Observation, Unseen } from '../core/observation.ts'
import { unseen } from '../core/observation.ts'
import type { NodeView, Sample } from '../core/snapshot.ts'

export type Facts = NodeView['facts']
type AnyFact = Observation<unknown>

export const slowKeys = [
  'tables',
  'publications',
  'subscriptions',
  'settings',
  'pendingRestart',
  'roles',
  'roleSettings',
  'accessRules',
  'fileSettings',
  'privileges',
  'badIndexes',
  'sequences',
  'extensions',
  'functions',
  'triggers',
] as const satisfies readonly FactKey[]
/** The slow facts that the tick speaks of. */
export const schemaKeys = [
  'tables',
  'publications',
  'subscriptions',
  'roles',
  'roleSettings',
  'extensions',
  'functions',
  'triggers',
] as const satisfies readonly FactKey[]
export const fastKeys = [
  'server',
  'wal',
  'senders',
  'receiver',
  'replicationSlots',
  'subscriptionStates',
  'sessions',
  'blocked',
  'activity',
  'databases',
  'tick',
] as const satisfies readonly FactKey[]

/** The others: files, settings, and what moves without a write to a catalog. They are read every minute, whatever stands still. */
export const untickedKeys: readonly FactKey[] = slowKeys.filter((key) => !schemaKeys.some((known) => known === key))

const allKeys: readonly FactKey[] = [...fastKeys, ...slowKeys]
const slow: ReadonlySet<FactKey> = new Set(slowKeys)
const schema: ReadonlySet<FactKey> = new Set(schemaKeys)

/** Two slow rounds and a half: a schema that was read a minute ago is still the schema. */
const slowStaleMs = 150_000
/** Some fast facts are asked only at every fifth sample. */
const fastStaleMs = 8000
/** Those that cost most, only at every fifteenth. */
const seldomStaleMs = 24_000

const staleMs = (key: FactKey): number =>
  isSlow(key) ? slowStaleMs : key === 'databases' || key === 'activity' ? seldomStaleMs : fastStaleMs

const isSlow = (key: FactKey): boolean => slow.has(key)

const notYet = unseen('no-history', 'not asked yet', 'wait for the first sample')

// By key it holds that key's fact: a type that Object.fromEntries cannot say.
export const noFacts: Facts = Object.fromEntries(allKeys.map((key) => [key, notYet])) as unknown as Facts

/** These facts with others in the place of some. It runs for every node at every tick: where nothing differs, nothing is made. */
function every(facts: Facts, make: (key: FactKey) => AnyFact): Facts {
  let made: Facts | null = null
  for (const key of allKeys) {
    const fact = make(key)
    if (fact === facts[key]) continue
    made ??= { ...facts }
    Object.assign(made, { [key]: fact })
  }
  return made ?? facts
}

/**
 * Takes over what a sample brought. A slow fact that was read before is not lost because the node cannot be asked now: it
 * stays with its time until it is stale. A fast fact is about this moment, and goes.
 */
export const merge = (facts: Facts, sample: Sample): Facts =>
  every(facts, (key) => {
    const now = sample.facts[key]
    if (!now) return facts[key]
    const keep = !now.seen && now.why !== 'no-privilege' && isSlow(key) && facts[key].seen
    return keep ? facts[key] : now
  })

/** What a node is known by at this moment: what is too old is stale, never fine. */
export const freshAt = (facts: Facts, atMs: number): Facts =>
  every(facts, (key) => {
    const fact = facts[key]
    if (!fact.seen || atMs - fact.atMs <= staleMs(key)) return fact
    const seconds = Math.round((atMs - fact.atMs) / 1000)
    return unseen('stale', `last seen ${seconds} s ago`, 'look why the node is not asked or does not answer')
  })

/** Facts of which it is known that they are still so at a later time. */
export const confirmed = (facts: Facts, atMs: number): Facts =>
  every(facts, (key) => {
    const fact = facts[key]
    return schema.has(key) && fact.seen && fact.atMs < atMs ? { ...fact, atMs } : fact
  })

/** What was never asked, of a node that does not answer: the reason is that one. */
export const explained = (facts: Facts): Facts => {
  const { server } = facts
  if (server.seen) return facts
  return every(facts, (key) => {
    const fact = facts[key]
    return !fact.seen && fact.why === 'no-history' ? server : fact
  })
}

/** The others in the place of what is known of it. */
export const withoutSlow = (facts: Facts, why: Unseen): Facts => every(facts, (key) => (isSlow(key) ? why : facts[key]))

/** The fast facts of a node that has not answered in its time. */
export const silent = (facts: Facts, why: Unseen): Facts => every(facts, (key) => (isSlow(key) ? facts[key] : why))
