import type { Case, Cause, Match } from '../../../core/diagnosis.ts'
import type { SubscriptionStateFact } from '../../../core/facts/postgres/replication.ts'
import { subject } from '../../../core/subject.ts'
import { isConnecting } from '../../apply-log.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { staleHarm } from '../../harm.ts'
import { linkFault } from '../../link.ts'
import { errorsOn } from '../../log-errors.ts'
import { factOf, follows, logicalPairs, type LogicalPair } from '../../look.ts'
import { consumerChecks } from '../../slots.ts'
import { isSilent } from '../../standbys.ts'

/** The subscription is enabled, and its worker does not get into its publisher. */
const cause: Cause = {
  id: 'replication/subscriber-disconnected',
  taxonomy: 'replication-stopped',
  title: 'a subscription cannot connect to its publisher',
  follows: [
    'server/config-prevents-start',
    'server/port-changed',
    'server/stopped',
    'server/crash',
    'network/partition',
    'connection/exhausted',
    'connection/role-limit',
  ],
  *recognise(c) {
    for (const pair of logicalPairs(c)) {
      if (isSilent(c, pair.subscriber.name)) continue
      for (const state of factOf(pair.subscriber, 'subscriptionStates') ?? [])
        if (state.enabled && isCut(c, pair, state)) yield matchOf(c, pair, state)
    }
  },
}
export default cause

/** Enabled, without a worker, for another reason than its slot. */
function isCut(
  c: Case,
  { publisher, subscriber }: LogicalPair,
  { name, slot, workerPid }: SubscriptionStateFact,
): boolean {
  if (isSilent(c, publisher.name)) return workerPid === null
  const slots = factOf(publisher, 'replicationSlots')
  const own = slots?.find((each) => each.name === slot)
  if (!slots || !own || own.active || own.walStatus === 'lost' || own.invalidation !== null) return false
  // It tries again every five seconds: for a moment there is a worker.
  const says = errorsOn(c, subscriber.name, isConnecting(name), 15_000)
  return says.length > 0
}

function matchOf(c: Case, pair: LogicalPair, { name, workerPid }: SubscriptionStateFact): Match {
  const { publisher, subscriber } = pair
  const node = subscriber.name
  const isGone = isSilent(c, publisher.name)
  const own = subject.subscription(node, name)
  const database = factOf(publisher, 'server')?.database ?? ''
  const fault = isGone
    ? null
    : linkFault(c, { from: subscriber, to: publisher, database, isWorker: isConnecting(name) })
  const seen = evidenceOf(
    node,
    'pg_subscription, pg_stat_subscription',
    `subscription ${name} on ${node} is enabled and not connected${isGone ? `, and ${publisher.name} does not answer` : ''}`,
    { subenabled: true, pid: workerPid },
  )
  return {
    subject: own,
    direct: fault && fault.direct.length > 0 ? [seen, ...fault.direct] : [],
    indirect: [seen, ...(fault?.indirect ?? [])],
    harm: staleHarm(c, node, { isMeant: follows(pair, name) }),
    isNew: c.lastGoodMs !== null && (fault?.isNew ?? false),
    explains: [...rowEffects(c, node), ...consumerChecks.flatMap((check) => findingsOf(c, check, node))],
    objects: [own, ...(fault?.objects ?? [])],
    followsOn: [publisher.name],
    ...(fault?.direct.length === 0 && {
      missing: `the connection of subscription ${name}: only its owner and superusers may read subconninfo on ${node}`,
    }),
    remedy: {
      words: isGone
        ? `Bring ${publisher.name} back: the worker tries again every five seconds by itself.`
        : (fault?.words ?? ''),
      commands: fault?.commands ?? [`on ${node}: select subname, pid, latest_end_time from pg_stat_subscription;`],
    },
  }
}
