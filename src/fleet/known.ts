import { diff } from '../changes/diff.ts'
import type { Fingerprint } from '../changes/fingerprint.ts'
import { fingerprintOf, stillAt } from '../changes/fingerprint.ts'
import type { Change } from '../core/change.ts'
import type { Observation } from '../core/observation.ts'
import type { Sample } from '../core/snapshot.ts'
import type { EmptyKey, FastKey, FastOptions, SampleOptions } from '../engines/postgres/index.ts'
import type { Due, Slow } from './due.ts'
import {
  activityDue,
  afterFast,
  afterSlow,
  afterSlowFailed,
  databasesDue,
  digestDue,
  nothingDue,
  sendersDue,
  sessionsDue,
  slotsDue,
  slowDue,
  turnOf,
} from './due.ts'
import type { Facts } from './kept-facts.ts'
import { confirmed, merge, noFacts, schemaKeys, slowKeys } from './kept-facts.ts'

/** Counters of a session that stays busy come so late; until then a change may have happened unseen. */
const tickLatenessMs = 10_000

/** All that is known of one node, as plain data. */
export interface Known {
  readonly node: string
  readonly facts: Facts
  readonly fingerprint: Fingerprint | null
  readonly due: Due
}

interface Learned {
  readonly known: Known
  readonly changes: readonly Change[]
}

export const nothingKnown = (node: string): Known => ({ node, facts: noFacts, fingerprint: null, due: nothingDue })

const tablesOf = ({ facts: { tables } }: Known): number => (tables.seen ? tables.value.length : 0)

/** Not known, because the node was not there when it was last asked: its next turn would be seconds away. */
const isMissing = (fact: Observation<unknown>): boolean =>
  !fact.seen && (fact.why === 'no-history' || fact.why === 'unreachable')

/** More than half of the sessions that ordinary roles may have are taken. */
const isCrowded = (sessions: Facts['sessions']): boolean =>
  sessions.seen && 2 * sessions.value.total > sessions.value.maxConnections - sessions.value.reserved

/** What the next fast sample should read. */
export function nextFast({ facts, due, ...known }: Known): Required<Omit<FastOptions, keyof SampleOptions>> {
  const { sessions, subscriptions, activity, databases, replicationSlots, senders } = facts
  const digest = digestDue(due, tablesOf({ facts, due, ...known }))
  const asked: Readonly<Record<FastKey, boolean>> = {
    activity: activityDue(due, isCrowded(sessions)) || isMissing(activity),
    databases: databasesDue(due) || isMissing(databases),
    replicationSlots: slotsDue(due) || isMissing(replicationSlots),
    senders: isMissing(senders) || sendersDue(due, senders.seen ? senders.value.length : 0),
    sessions: sessionsDue(due, sessions.seen ? sessions.value.total : 0),
    // A standby counts no writes: there it is the digest or nothing.
    tick: digest || due.inRecovery !== true,
  }
  const empty: Readonly<Record<EmptyKey, boolean>> = {
    receiver: due.inRecovery === false,
    // A new one moves the counters, and the slow sample sees it within the same round.
    subscriptionStates: subscriptions.seen && subscriptions.value.length === 0,
  }
  return { digest, leave: keysWhere(asked, false), nothing: keysWhere(empty, true) }
}

const keysWhere = <K extends string>(flags: Readonly<Record<K, boolean>>, is: boolean): readonly K[] =>
  // Its keys are K, which the type of Object.keys does not say.
  (Object.keys(flags) as K[]).filter((key) => flags[key] === is)

/** What a slow sample after this fast one should read. */
export const nextSlow = (known: Known, atMs: number): Slow | null =>
  slowDue(known.due, atMs, tablesOf(known), turnOf(known.node))

function compared(known: Known): Learned {
  const before = known.fingerprint
  const fingerprint = fingerprintOf({ name: known.node, facts: known.facts }, before ?? undefined)
  return { known: { ...known, fingerprint }, changes: before ? diff(before, fingerprint) : [] }
}

/** Nothing has moved: what was read before is still so, and the next change happened after this. */
function confirm(known: Known, before: Due, fast: Sample): Known {
  // What has moved and was not looked at since may have changed long ago.
  if (!known.fingerprint || before.pending !== null) return known
  const tick = fast.facts.tick?.seen ? fast.facts.tick.value : null
  const untilMs = fast.atMs - tickLatenessMs
  // A standby counts no writes: there the digest has to do, and only when it was taken.
  const moved = tick?.catalogWrites ?? tick?.catalogDigest ?? null
  const isSame = moved !== null && moved === (tick?.catalogWrites == null ? before.digest : before.writes)
  const isLoaded = before.confLoadedMs === known.due.confLoadedMs && before.startedMs === known.due.startedMs
  const schema = isSame ? stillAt(known.fingerprint, schemaKeys, untilMs) : known.fingerprint
  return {
    ...known,
    facts: isSame ? confirmed(known.facts, untilMs) : known.facts,
    fingerprint: isLoaded ? stillAt(schema, ['settings'], fast.atMs) : schema,
  }
}

/** After a fast sample. */
export function learnFast(before: Known, fast: Sample): Learned {
  const facts = merge(before.facts, fast)
  if (!fast.facts.server?.seen) return { known: { ...before, facts }, changes: [] }
  const known = { ...before, facts, due: afterFast(before.due, fast) }
  return compared(confirm(known, before.due, fast))
}

/** After a slow sample. `since`: what was due when it began; fast ones may have come in between. */
export function learnSlow(before: Known, slow: Sample, what: Slow, since: Due = before.due): Learned {
  const { known, changes } = compared({ ...before, facts: merge(before.facts, slow) })
  // What this role or version never gives is no reason to ask again.
  const failed = slowKeys.some((key) => {
    const fact = slow.facts[key]
    return fact?.seen === false && (fact.why === 'timed-out' || fact.why === 'unreachable')
  })
  const due = failed
    ? afterSlowFailed(known.due, slow)
    : afterSlow(known.due, slow, { what, changed: changes.length > 0, since })
  return { known: { ...known, due }, changes }
}
