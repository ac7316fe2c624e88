import type { Case, Cause, Match } from '../../../core/diagnosis.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { sqlLiteral } from '../../../core/sql-text.ts'
import { subject } from '../../../core/subject.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { staleHarm } from '../../harm.ts'
import { entryEvidence, errorsOn } from '../../log-errors.ts'
import { factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { goodReplication, isSettingNew, wasOtherwise } from '../../since-good.ts'
import { comesThrough, consumerChecks, consumersOf, heldBack, subscribeAnew, type Consumer } from '../../slots.ts'
import { isSilent, isStreaming } from '../../standbys.ts'

/** The slot that a standby or a subscription reads through is not there: it gets nothing more. */
const cause: Cause = {
  id: 'replication/slot-missing',
  taxonomy: 'slot-lost',
  title: 'the replication slot that a standby or a subscription names is not there',
  follows: [],
  *recognise(c) {
    for (const holder of c.snapshot.nodes) {
      const slots = factOf(holder, 'replicationSlots')
      if (!slots || isSilent(c, holder.name)) continue
      for (const consumer of consumersOf(c, holder))
        if (!slots.some(({ name }) => name === consumer.slot)) yield matchOf(c, holder, consumer)
    }
  },
}
export default cause

function matchOf(c: Case, holder: NodeView, consumer: Consumer): Match {
  const { node, slot, kind, subscription } = consumer
  const own =
    subscription === null
      ? subject.setting(node.name, 'primary_slot_name')
      : subject.subscription(node.name, subscription)
  const objects = [subject.slot(holder.name, slot), own]
  // Of a subscription only another slot is news; that it was switched on is not.
  const news = newsOf(
    c,
    objects,
    ({ object, after }) => object !== own || subscription === null || /slot /.test(after ?? ''),
  )
  const lines = [holder, node].flatMap(({ name }) =>
    errorsOn(c, name, ({ code, message }) => /^(?:42704|08P01)$/.test(code ?? '') && message.includes(`"${slot}"`)),
  )
  const who =
    subscription === null ? `${node.name} (primary_slot_name)` : `subscription ${subscription} on ${node.name}`
  // A name that is set and not yet live leaves the stream as it is.
  const isLive = subscription === null ? isStreaming(node) : false
  const read = evidenceOf(
    holder.name,
    'pg_replication_slots',
    `${holder.name} has no slot ${slot}, which ${who} reads through`,
    {
      slot_name: slot,
      slot_type: kind,
    },
  )
  const held = kind === 'physical' ? heldBack(c, holder, slot) : []
  return {
    subject: subject.slot(holder.name, slot),
    direct: isLive ? [] : [read, ...lines.map(entryEvidence)],
    indirect: isLive ? [read] : [],
    harm: isLive
      ? []
      : [
          ...staleHarm(c, node.name, { isMeant: comesThrough(holder, consumer), news }),
          ...held.flatMap(({ name }) => staleHarm(c, name, { isMeant: () => true, news })),
        ],
    isNew:
      news.length > 0 ||
      (subscription === null && isSettingNew(c, node.name, 'primary_slot_name')) ||
      goodReplication(c, holder.name)?.slots?.some(({ name }) => name === slot) === true ||
      wasOtherwise(c, holder.name, (past) => {
        const before = factOf(past, 'replicationSlots')
        return before && !before.some(({ name }) => name === slot)
      }),
    explains: [
      ...findingsOf(c, 'replication/slot-missing'),
      ...(isLive
        ? []
        : [node, ...held].flatMap(({ name }) => [
            ...rowEffects(c, name),
            ...consumerChecks.flatMap((check) => findingsOf(c, check, name)),
          ])),
    ],
    objects,
    remedy:
      subscription === null
        ? {
            words: `Create the slot again; ${node.name} goes on if the WAL that it needs is still there or archived, and must be cloned anew if not.`,
            commands: [`on ${holder.name}: select pg_create_physical_replication_slot(${sqlLiteral(slot)}, true);`],
          }
        : {
            words:
              'A new slot begins now: what was written since the old one went is not sent. Find out who dropped it, then subscribe and copy the tables anew.',
            commands: subscribeAnew(consumer),
          },
  }
}
