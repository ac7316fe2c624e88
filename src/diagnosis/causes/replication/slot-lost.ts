import type { Case, Cause, Match } from '../../../core/diagnosis.ts'
import type { SlotFact } from '../../../core/facts/postgres/replication.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { sqlLiteral } from '../../../core/sql-text.ts'
import { subject } from '../../../core/subject.ts'
import { findingsOf, rowEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { staleHarm } from '../../harm.ts'
import { factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { goodReplication, settingNews, wasOtherwise } from '../../since-good.ts'
import { comesThrough, consumerChecks, consumersOf, subscribeAnew } from '../../slots.ts'
import { isSilent } from '../../standbys.ts'

/** Settings that let the server throw away what a slot still needs. */
const limits = ['max_slot_wal_keep_size', 'idle_replication_slot_timeout']

const isLost = ({ walStatus, invalidation }: SlotFact): boolean => walStatus === 'lost' || invalidation !== null

/** The WAL that a slot's consumer needs is gone, or its rows: it can never go on from there. */
const cause: Cause = {
  id: 'replication/slot-lost',
  taxonomy: 'slot-lost',
  title: 'a replication slot has lost the WAL that its consumer needs',
  follows: ['replication/subscription-disabled', 'network/partition'],
  *recognise(c) {
    for (const holder of c.snapshot.nodes) {
      if (isSilent(c, holder.name)) continue
      for (const slot of factOf(holder, 'replicationSlots') ?? []) if (isLost(slot)) yield matchOf(c, holder, slot)
    }
  },
}
export default cause

function matchOf(c: Case, holder: NodeView, slot: SlotFact): Match {
  const consumers = consumersOf(c, holder).filter((consumer) => consumer.slot === slot.name)
  const objects = [subject.slot(holder.name, slot.name), ...limits.map((name) => subject.setting(holder.name, name))]
  const news = [...newsOf(c, objects.slice(0, 1), () => true), ...settingNews(c, holder.name, limits)]
  // It was in use after all was good: then it has been lost since.
  const wasUsed = c.lastGoodMs !== null && slot.inactiveSinceMs !== null && slot.inactiveSinceMs > c.lastGoodMs
  const [first] = consumers
  return {
    subject: subject.slot(holder.name, slot.name),
    direct: [
      evidenceOf(
        holder.name,
        'pg_replication_slots',
        `slot ${slot.name} on ${holder.name} has lost what its consumer needs: wal_status ${slot.walStatus ?? 'unknown'}${slot.invalidation === null ? '' : `, invalidated: ${slot.invalidation}`}`,
        {
          wal_status: slot.walStatus,
          invalidation_reason: slot.invalidation,
          restart_lsn: slot.restartLsn,
          active: slot.active,
        },
      ),
    ],
    indirect: [],
    harm: consumers.flatMap((consumer) =>
      staleHarm(c, consumer.node.name, { isMeant: comesThrough(holder, consumer), news }),
    ),
    isNew:
      news.length > 0 ||
      wasUsed ||
      goodReplication(c, holder.name)?.slots?.some(({ name, isLost: was }) => name === slot.name && !was) === true ||
      wasOtherwise(c, holder.name, (past) => {
        const before = factOf(past, 'replicationSlots')?.find(({ name }) => name === slot.name)
        return before ? isLost(before) : null
      }),
    explains: [
      ...findingsOf(c, 'replication/slot-lost', holder.name),
      ...findingsOf(c, 'replication/slot-inactive', holder.name),
      ...consumers.flatMap(({ node }) => [
        ...rowEffects(c, node.name),
        ...consumerChecks.flatMap((check) => findingsOf(c, check, node.name)),
      ]),
    ],
    objects,
    ...(consumers.length === 0 && { missing: `who reads through slot ${slot.name} of ${holder.name}` }),
    remedy: {
      words:
        first === undefined || first.subscription === null
          ? `Clone ${first?.node.name ?? 'its consumer'} anew from a base backup; then drop the slot and make it again, with room for its WAL.`
          : `What was written meanwhile is not sent any more: make the slot anew and copy the tables of ${first.subscription} again.`,
      commands: [
        ...(first?.subscription == null ? [] : subscribeAnew(first)),
        `on ${holder.name}: select pg_drop_replication_slot(${sqlLiteral(slot.name)});`,
        ...(slot.type === 'physical'
          ? [`on ${holder.name}: select pg_create_physical_replication_slot(${sqlLiteral(slot.name)}, true);`]
          : []),
        `on ${holder.name}: show max_slot_wal_keep_size;`,
      ],
    },
  }
}
