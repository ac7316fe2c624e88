import type { FactKey, PostgresFacts } from '../../core/facts/postgres/index.ts'
import type { Observation, Unseen } from '../../core/observation.ts'
import { seen } from '../../core/observation.ts'
import type { Sample } from '../../core/snapshot.ts'
import type { Asked } from './ask.ts'
import { ask, askPages, readFact } from './ask.ts'
import type { NodeLink } from './connect.ts'
import { failureToUnseen } from './failure.ts'
import { blockedReader, databasesReader, fastReaders, fastReadersWithDigest, slowReaders } from './observations.ts'
import { receiver } from './observe/receiver.ts'
import { replicationSlots, slotNames } from './observe/replication-slots.ts'
import { rawSenders } from './observe/senders.ts'
import { isInRecovery } from './observe/server.ts'
import { rawSessions, senderNames, sessions as sessionsReader } from './observe/sessions.ts'
import type { ReaderSession } from './reader-session.ts'
import type { Reader } from './reader.ts'
import type { Limits } from './session.ts'

export interface SampleOptions {
  readonly signal: AbortSignal
  /** After this long the connection is given up. */
  readonly deadlineMs: number
  /** The watcher's clock. */
  readonly clock: () => number
}

/** What a fast sample may leave out because it costs more than the rest, or because it is known to be nothing. */
export interface FastOptions extends SampleOptions {
  /** Reads pg_class; sees what the counters see late. */
  readonly digest?: boolean
  /** Not asked this time, and absent from the sample. */
  readonly leave?: readonly FastKey[]
  /** Known to be empty: a database without subscriptions, a server that is not in recovery. */
  readonly nothing?: readonly EmptyKey[]
}

export type FastKey = Extract<FactKey, 'activity' | 'databases' | 'replicationSlots' | 'senders' | 'sessions' | 'tick'>
export type EmptyKey = Extract<FactKey, 'receiver' | 'subscriptionStates'>

type Facts = Map<FactKey, Observation<PostgresFacts[FactKey]>>
type More = (from: ReaderSession, asked: Asked, facts: Facts, limits: Limits, atMs: number) => Promise<void>

/** One statement each: what is slow or locked in one of them hides nothing of the next. */
async function askEach(groups: readonly (readonly Reader[])[], from: ReaderSession, limits: Limits): Promise<Asked> {
  const raws = new Map<FactKey, unknown>()
  const failed = new Map<FactKey, Unseen>()
  let tookMs = 0
  let waitedMs = 0
  for (const group of groups) {
    const [first] = group
    const isPaged = first !== undefined && group.length === 1 && first.page !== null
    const asked = isPaged ? await askPages(first, from, limits) : await ask(group, from, limits)
    for (const [key, raw] of asked.raws) raws.set(key, raw)
    for (const [key, why] of asked.failed) failed.set(key, why)
    tookMs += asked.tookMs
    waitedMs += asked.waitedMs
  }
  return { raws, failed, tookMs, waitedMs }
}

async function sample(
  link: NodeLink,
  groups: readonly (readonly Reader[])[],
  options: SampleOptions,
  more?: More,
): Promise<Sample> {
  const readers = groups.flat()
  const { clock, signal, deadlineMs } = options
  const reached = await link.reach(signal)
  const sentMs = clock()
  const facts: Facts = new Map()
  if (!reached.ok) {
    for (const { key } of readers) facts.set(key, failureToUnseen(reached.failure))
    return { node: link.name, atMs: sentMs, tookMs: 0, facts: Object.fromEntries(facts) }
  }
  const from = reached.reader
  const limits = { signal, deadlineMs }
  const asked = await askEach(groups, from, limits)
  // The server answered somewhere between sending and receiving: the middle errs least.
  const atMs = Math.round(sentMs + asked.waitedMs + asked.tookMs / 2)
  await more?.(from, asked, facts, limits, atMs)
  for (const reader of readers) facts.set(reader.key, readFact(reader, asked, from, atMs))
  return { node: link.name, atMs, tookMs: Math.round(asked.tookMs * 100) / 100, facts: Object.fromEntries(facts) }
}

/** What this sample did not ask is asked after it, because of what it found. */
async function askToo(readers: readonly Reader[], from: ReaderSession, asked: Asked, limits: Limits): Promise<void> {
  const missing = readers.filter(({ key }) => !asked.raws.has(key) && !asked.failed.has(key))
  if (missing.length === 0) return
  const { raws, failed } = await ask(missing, from, limits)
  for (const [key, raw] of raws) asked.raws.set(key, raw)
  for (const [key, why] of failed) asked.failed.set(key, why)
}

/**
 * Names of walsenders come with the sessions, what they read with the slots, and neither at every sample: a walsender that has
 * come or gone asks for both at once.
 */
async function nameSenders(from: ReaderSession, asked: Asked, limits: Limits): Promise<void> {
  const senders = rawSenders(asked.raws.get('senders') ?? null)
  const placed = new Set(senders.flatMap((sender) => (sender.placed ? [sender.pid] : [])))
  const isMoved = placed.size !== from.placed.size || [...placed].some((pid) => !from.placed.has(pid))
  if (isMoved || senders.some(({ pid }) => !from.names.has(pid)))
    await askToo([sessionsReader, replicationSlots], from, asked, limits)
  const sessions = asked.raws.get('sessions')
  if (sessions !== undefined) from.names = senderNames(sessions)
  const slots = asked.raws.get('replicationSlots')
  if (slots === undefined) return
  from.slots = slotNames(slots)
  from.placed = placed
}

async function findBlocked(
  from: ReaderSession,
  asked: Asked,
  limits: Limits,
  atMs: number,
): Promise<Observation<PostgresFacts[FactKey]>> {
  const sessions = readFact(sessionsReader, asked, from, atMs)
  if (!sessions.seen) return sessions
  const [, , waiting] = rawSessions.parse(asked.raws.get('sessions'))
  if (waiting === 0) return seen(atMs, [])
  return readFact(blockedReader, await ask([blockedReader], from, limits), from, atMs)
}

/** One round trip, one prepared statement; another one where it finds what has to be looked at. */
export async function sampleFast(link: NodeLink, options: FastOptions): Promise<Sample> {
  const { digest = true, leave = [], nothing = [] } = options
  const left: ReadonlySet<FactKey> = new Set([...leave, ...nothing])
  const readers = (digest ? fastReadersWithDigest : fastReaders).filter(({ key }) => !left.has(key))
  const empty = new Set<EmptyKey>(nothing)
  const taken = await sample(link, [readers], options, async (from, asked, facts, limits, atMs) => {
    await nameSenders(from, asked, limits)
    // It was another server when it was not.
    if (empty.has('receiver') && isInRecovery(asked.raws.get('server'))) {
      empty.delete('receiver')
      await askToo([receiver], from, asked, limits)
    }
    for (const reader of [replicationSlots, receiver, sessionsReader])
      if (left.has(reader.key) && (asked.raws.has(reader.key) || asked.failed.has(reader.key)))
        facts.set(reader.key, readFact(reader, asked, from, atMs))
    if (!left.has('sessions')) facts.set('blocked', await findBlocked(from, asked, limits, atMs))
  })
  const { server } = taken.facts
  // A node that does not answer says nothing, also about what it was not asked.
  if (server?.seen === false) {
    const none = Object.fromEntries([...fastReaders, blockedReader].map(({ key }) => [key, server]))
    return { ...taken, facts: { ...none, ...taken.facts } }
  }
  return {
    ...taken,
    facts: { ...taken.facts, ...Object.fromEntries([...empty].map((key) => [key, seen(taken.atMs, [])])) },
  }
}

/**
 * Everything that changes seldom and says what the node is; or only some of it. The databases with it, because their limits
 * are as much a setting as a role's.
 */
export async function sampleSlow(
  link: NodeLink,
  { only, ...options }: SampleOptions & { readonly only?: readonly FactKey[] | undefined },
): Promise<Sample> {
  const readers = [...slowReaders, databasesReader].filter(({ key }) => only === undefined || only.includes(key))
  // The tables are the most by far, and the only ones that a change of schema can hold up.
  const groups = [readers.filter(({ key }) => key === 'tables'), readers.filter(({ key }) => key !== 'tables')]
  return sample(
    link,
    groups.filter((group) => group.length > 0),
    options,
  )
}
