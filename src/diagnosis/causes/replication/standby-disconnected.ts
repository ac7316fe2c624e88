import type { Case, Cause, Match } from '../../../core/diagnosis.ts'
import { subject } from '../../../core/subject.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { staleHarm } from '../../harm.ts'
import { linkFault } from '../../link.ts'
import { factOf } from '../../look.ts'
import { syncEffects } from '../../silence.ts'
import { consumerChecks, consumersOf, heldBack } from '../../slots.ts'
import { isSilent, physicalPairs, type PhysicalPair } from '../../standbys.ts'

/** The standby's receiver does not stream: it stays at what it had. Where its source is gone, it follows from that. */
const cause: Cause = {
  id: 'replication/standby-disconnected',
  taxonomy: 'replication-stopped',
  title: 'a standby gets no WAL from its source',
  follows: [
    'server/config-prevents-start',
    'server/port-changed',
    'server/stopped',
    'server/crash',
    'network/partition',
    'connection/exhausted',
    'replication/slot-missing',
    'replication/slot-lost',
    'replication/split-brain',
  ],
  *recognise(c) {
    for (const pair of physicalPairs(c)) {
      const receiver = factOf(pair.standby, 'receiver')
      if (!receiver || isSilent(c, pair.standby.name) || receiver.some(({ status }) => status === 'streaming')) continue
      // Another look on the other side: a row there and none here is a receiver that begins or ends.
      if (!isSilent(c, pair.upstream.name) && isServed(pair)) continue
      yield matchOf(c, pair)
    }
  },
}
export default cause

/** A walsender of the source streams to it, by its slot or its name. */
function isServed({ standby, upstream }: PhysicalPair): boolean {
  const settings = factOf(standby, 'settings')
  const slot = settings?.['primary_slot_name'] ?? ''
  const names = [standby.name, settings?.['cluster_name']]
  return (factOf(upstream, 'senders') ?? []).some(
    (sender) =>
      sender.state === 'streaming' && ((slot !== '' && sender.slot === slot) || names.includes(sender.applicationName)),
  )
}

function matchOf(c: Case, { standby, upstream }: PhysicalPair): Match {
  const node = standby.name
  const isGone = isSilent(c, upstream.name)
  const slot = consumersOf(c, upstream).find((consumer) => consumer.node === standby)?.slot
  // Without its slot, or with one that has lost its WAL, it cannot stream, whatever its login: other causes say that.
  const slots = factOf(upstream, 'replicationSlots')
  const own = slots?.find(({ name }) => name === slot)
  const hasNoSlot =
    !isGone && slots !== null && slot !== undefined && (!own || own.walStatus === 'lost' || own.invalidation !== null)
  const fault =
    isGone || hasNoSlot
      ? null
      : linkFault(c, { from: standby, to: upstream, database: 'replication', isWorker: ({ role }) => role === null })
  const stale = [node, ...(slot === undefined ? [] : heldBack(c, upstream, slot).map(({ name }) => name))]
  const seen = evidenceOf(
    node,
    'pg_stat_wal_receiver, pg_stat_replication',
    isGone
      ? `${node} has no receiver that streams, and ${upstream.name} does not answer`
      : `${node} has no receiver that streams, and ${upstream.name} sends to none`,
    { receiver: 0 },
  )
  return {
    subject: subject.node(node),
    direct: fault && fault.direct.length > 0 ? [seen, ...fault.direct] : [],
    indirect: [seen, ...(fault?.indirect ?? [])],
    harm: stale.flatMap((each) => staleHarm(c, each, { isMeant: () => true })),
    isNew: c.lastGoodMs !== null && (fault?.isNew ?? false),
    explains: [
      ...stale.flatMap((each) => [
        ...rowEffects(c, each),
        ...consumerChecks.flatMap((check) => findingsOf(c, check, each)),
      ]),
      ...syncEffects(c, node),
    ],
    objects: [...(fault?.objects ?? []), subject.node(node)],
    followsOn: [upstream.name],
    ...(fault?.direct.length === 0 && {
      missing: `the log of ${node}: why could its receiver not connect to ${upstream.name}?`,
    }),
    remedy: {
      words: isGone
        ? `Bring ${upstream.name} back, or promote ${node}: it goes on by itself once its source answers.`
        : (fault?.words ?? `Make the slot ${slot ?? ''} on ${upstream.name} again.`),
      commands: fault?.commands ?? [
        `on ${node}: select status, sender_host, sender_port, slot_name from pg_stat_wal_receiver;`,
      ],
    },
  }
}
