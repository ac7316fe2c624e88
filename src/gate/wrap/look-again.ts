import { setTimeout as sleep } from 'node:timers/promises'
import { AntemortemError } from '../../core/error.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { testReplication } from '../../contracts/examine/test-replication.ts'
import { lostLogins } from '../lost-logins.ts'
import { beatAll } from '../beat/beat-all.ts'
import { tableName } from '../beat/beat.ts'
import { owningContracts } from '../beat/own-connections.ts'
import { beatFindings } from '../beat/told.ts'
import { applyResultsOf, wasFailing } from './as-rehearsal.ts'
import { keyOf } from './differences.ts'
import { readAllContents, testContracts } from './look-closely.ts'
import type { Moment } from './moment.ts'
import { newlyFailing } from './newly-failing.ts'
import { newFindings } from './new-findings.ts'
import type { WrapOptions } from './wrap.ts'
import type { Wrapped } from './wrapped.ts'
import { beatsOf, latest } from './wrapped.ts'

const limits = {
  settleMs: { default: 30_000, unit: 'ms', why: 'a subscriber that needs longer is told, and not waited for' },
  pauseMs: { default: 1000, unit: 'ms', why: 'what was only a moment is over by then' },
} as const

/**
 * The cluster, its contracts and the contents of its tables, at one moment. Throws where nothing is seen of it. `before`: as
 * it was, when a row of the contracts' own is to show again where it showed then.
 */
export async function lookClosely(
  { cluster, look }: Pick<WrapOptions, 'cluster' | 'look'>,
  key: Buffer,
  signal: AbortSignal,
  before?: Moment,
): Promise<Moment> {
  const seen = await look(signal)
  if (!seen)
    throw new AntemortemError(
      'nothing-seen',
      `nothing was seen of ${cluster.name}`,
      'antemortem check says what cannot be reached.',
    )
  const [contracts, { contents, writers }, replication] = await Promise.all([
    testContracts(cluster, key, signal),
    readAllContents(cluster, seen.snapshot, signal),
    testReplication(cluster, signal),
  ])
  // One after the other: a role may have no more sessions than its pool.
  const beats = await beatAll({ cluster, before: (before ?? seen).snapshot, signal })
  const own = new Set(owningContracts(cluster).map(({ table }) => tableName(table)))
  // What we write ourselves is no change of the command.
  return {
    ...seen,
    contracts,
    replication,
    contents: contents.filter((one) => !own.has(tableName(one))),
    beats,
    writers,
  }
}

/** Where something is wrong or late, once more: what heals by itself is no reason to stop a deployment. */
export async function lookAgain(
  first: Wrapped,
  options: WrapOptions,
  key: Buffer,
  signal: AbortSignal,
): Promise<Wrapped> {
  const untilMs = performance.now() + limits.settleMs.default
  let wrapped = first
  const looks = [first.after.snapshot]
  const isUneasy = (one: Wrapped): boolean =>
    hasFailedToApply(one) ||
    isBehind(one) ||
    newFindings(one.before, one.after).length > 0 ||
    newlyFailing(one).length > 0 ||
    lostLogins(one.before.replication, one.after.replication).length > 0 ||
    beatFindings(beatsOf(one)).length > 0
  for (let times = 0; isUneasy(wrapped) && performance.now() < untilMs; times += 1) {
    // Once is enough for all but a node that is on its way.
    if (times > 0 && !isBehind(wrapped)) break
    options.progress('looking once more')
    await sleep(hasFailedToApply(wrapped) ? retryMs(wrapped.after.snapshot) : limits.pauseMs.default, undefined, {
      signal,
    })
    const again = await lookClosely(options, key, signal, first.before)
    looks.push(again.snapshot)
    wrapped = { ...wrapped, again, applies: applyResultsOf(first.before.snapshot, looks) }
  }
  return wrapped
}

const hasFailedToApply = ({ applies, before: first }: Wrapped): boolean =>
  applies.some((apply) => (apply.polls.at(-1) ?? apply.before) > apply.before && !wasFailing(first, apply))

/** A table that is late now and was not before. Who stands still since before is waited for in vain. */
function isBehind(wrapped: Wrapped): boolean {
  const old = new Set(lagging(wrapped.before))
  return lagging(latest(wrapped)).some((key) => !old.has(key)) && !hasFailedToApply(wrapped)
}

const lagging = ({ snapshot: { facts } }: Moment): readonly string[] =>
  facts.touched.seen ? facts.touched.value.filter(({ verdict }) => verdict === 'lagging').map(keyOf) : []

/** A worker that failed tries again after its server's `wal_retrieve_retry_interval`; its counter grows no sooner. */
function retryMs({ nodes }: Snapshot): number {
  const longest = nodes.flatMap(({ role, facts: { settings } }) =>
    role === 'subscriber' && settings.seen ? [Number(settings.value['wal_retrieve_retry_interval'] ?? 5000)] : [],
  )
  return Math.min(20_000, Math.max(0, ...longest.filter(Number.isFinite)) + limits.pauseMs.default)
}
