import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { SubscriptionStateFact } from '../../../core/facts/postgres/replication.ts'
import { subject } from '../../../core/subject.ts'
import { applyErrors, isConnecting, isOfSubscription, isRefusal, type ApplyError } from '../../apply-log.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { staleHarm } from '../../harm.ts'
import { beganSinceGood, entryEvidence, errorsOn, logEffects } from '../../log-errors.ts'
import { factOf, follows, logicalPairs, type LogicalPair } from '../../look.ts'
import { aboutContents, aboutDisabling, newsOf } from '../../news.ts'
import { hostOf, isLogRead } from '../../server-log.ts'
import { silenceOf } from '../../silence.ts'
import { isStreaming } from '../../standbys.ts'
import { differences, isOfDrift, isOwnConstraint, ownConstraints } from './schema-drift.ts'

/** A failing worker tries again every five seconds: what was not logged for so long is over. */
const retriedMs = 20_000

/**
 * The apply worker fails on the same transaction again and again, between equal schemas: a row stands in its way. The log says
 * which; without it errors are counted over two moments, because a planned restart of the publisher counts one and nothing is
 * wrong.
 */
const cause: Cause = {
  id: 'replication/apply-conflict',
  taxonomy: 'replication-conflict',
  title: 'the apply worker of a subscription fails again and again',
  follows: ['replication/schema-drift'],
  *recognise(c) {
    for (const pair of logicalPairs(c)) {
      for (const state of factOf(pair.subscriber, 'subscriptionStates') ?? []) {
        const match = matchOf(c, pair, state)
        if (match) yield match
      }
    }
  },
}
export default cause

function matchOf(c: Case, pair: LogicalPair, state: SubscriptionStateFact): Match | null {
  const node = pair.subscriber.name
  const { name } = state
  const own = subject.subscription(node, name)
  const errors = applyErrors(c, node, state.enabled ? retriedMs : undefined).filter((error) =>
    isOfSubscription(c, node, name, error),
  )
  const drifts = differences(pair)
  const said = errors.filter(
    (error) =>
      isRefusal(error) && !isOwnConstraint(pair, error) && !drifts.some((drift) => isOfDrift(pair, drift, error)),
  )
  // Between different columns only the log can say that it is a row all the same.
  if (drifts.length > 0 && said.length === 0) return null
  // Switched off by its own error, or by somebody who saw it: the row that stands in its way is there all the same.
  if (!state.enabled && !endedIt(c, own, said)) return null
  const growth = growthOf(c, pair, state) ?? 0
  if (said.length === 0 && growth < 1) return null
  const counted = evidenceOf(
    node,
    'pg_stat_subscription_stats',
    `apply_error_count of ${name} on ${node} grew by ${growth}`,
    { apply_error_count: state.applyErrors, growth },
  )
  const lines = said.map(({ entry }) => entryEvidence(entry))
  // The log is read, and what apply fails on is another thing: the disk, say. And without a log a constraint may be why.
  const isOther = said.length === 0 && (errors.length > 0 || mayBeConstraint(pair, isLogRead(c, node)))
  const isSure = lines.length > 0 || (growth >= 2 && !restarted(c, pair) && !isOther)
  // A row that the log has named stands in its way, whatever has happened to the publisher since.
  const gone = said.length === 0 ? sendsNothing(c, pair, state) : null
  const tables = [...new Map(said.map((error) => [`${error.schema}.${error.table}`, error])).values()].flatMap(
    (error) => (error.schema === null || error.table === null ? [] : [subject.table(node, error.schema, error.table)]),
  )
  return {
    subject: own,
    direct: isSure ? [...lines, ...(growth > 0 ? [counted] : [])] : [],
    indirect: growth > 0 ? [counted] : [],
    harm: staleHarm(c, node, { isMeant: follows(pair, name) }),
    // The errors themselves are new: they were not there when all was good.
    isNew:
      (c.lastGoodMs !== null && growth >= 2) ||
      beganSinceGood(
        c,
        said.map(({ entry }) => entry),
      ),
    explains: [
      ...rowEffects(c, node),
      ...['replication/subscription-errors', 'replication/subscription-down', 'replication/lag-time'].flatMap((check) =>
        findingsOf(c, check, node),
      ),
      ...logEffects(c, node, (entry) => said.some((error) => error.entry === entry)),
    ],
    objects: [own, ...tables],
    isTrigger: (change) => change.object === own || aboutContents(change),
    ...(gone && { refutedBy: gone }),
    ...(lines.length === 0 && { missing: `the log of ${node} names the row and the SQLSTATE` }),
    remedy: remedyOf(node, name, said[0]),
  }
}

function remedyOf(node: string, name: string, error: ApplyError | undefined): Match['remedy'] {
  const where = error?.table == null ? null : `${error.schema}.${error.table}`
  return {
    words:
      where === null
        ? 'Read the row that the log names, mend it on the subscriber, and let apply go on.'
        : `Look at the row of ${where} on ${node} that ${error?.constraint ?? 'the log'} speaks of, keep a copy of it, and take it out of the way: apply goes on by itself. Then find who wrote there.`,
    commands: [
      ...(where === null ? [] : [`on ${node}: select * from ${where} where …; with the key that the log names`]),
      `on ${node}: select subname, apply_error_count from pg_stat_subscription_stats where subname = '${name}';`,
      `antemortem verify --repair plan --to ${node}`,
    ],
  }
}

/**
 * What nobody sends cannot fail to be applied: the errors that were counted are those of a worker that finds no publisher. That we
 * do not reach the publisher is not enough: its host, the worker's own words or a standby that lost it, too, must say so.
 */
function sendsNothing(c: Case, { publisher, subscriber }: LogicalPair, state: SubscriptionStateFact): Evidence | null {
  const silence = silenceOf(c, publisher.name)
  if (!silence || state.workerPid !== null) return null
  const host = hostOf(c, publisher.name)
  const isAbsent = host?.postmaster === 'absent' && host.atMs >= silence.sinceMs
  const isSaid = errorsOn(c, subscriber.name, isConnecting(state.name), retriedMs).length > 0
  const isLost = c.snapshot.nodes.some(
    (node) =>
      node.role === 'standby' && node.upstream === publisher.name && node.facts.receiver.seen && !isStreaming(node),
  )
  if (!isAbsent && !isSaid && !isLost) return null
  return {
    ...silence.evidence,
    words: `${publisher.name} has sent nothing for ${Math.round(silence.ms / 100) / 10} s, and the worker of ${state.name} has no connection to it: there is nothing to apply`,
  }
}

/** It was switched off at the moment of the error. */
const endedIt = (c: Case, own: string, said: readonly ApplyError[]): boolean =>
  newsOf(c, [own], aboutDisabling).some((change) =>
    said.some(({ entry }) => entry.lastMs >= change.notBeforeMs - 10_000 && entry.lastMs <= change.atMs + 2_000),
  )

/** Published tables on which the subscriber refuses what its publisher takes: then it may be schema-drift. */
const mayBeConstraint = (pair: LogicalPair, isRead: boolean): boolean =>
  !isRead &&
  (factOf(pair.subscriber, 'subscriptions') ?? []).some(({ tables }) =>
    tables.some(({ schema, name }) => ownConstraints(pair, schema, name).length > 0),
  )

const restarted = (c: Case, pair: LogicalPair): boolean =>
  (['publisher', 'subscriber'] as const).some((side) => {
    const past = c.earlier?.nodes.find(({ name }) => name === pair[side].name)
    const startedMs = past && factOf(past, 'server')?.startedMs
    return startedMs === undefined || startedMs !== factOf(pair[side], 'server')?.startedMs
  })

function growthOf(
  c: Case,
  { subscriber }: LogicalPair,
  { name, applyErrors: now }: SubscriptionStateFact,
): number | null {
  const past = c.earlier?.nodes.find((each) => each.name === subscriber.name)
  const before = past && factOf(past, 'subscriptionStates')?.find((each) => each.name === name)?.applyErrors
  return now === null || before == null ? null : now - before
}
