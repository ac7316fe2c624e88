import type { Case, Cause, Match } from '../../../core/diagnosis.ts'
import type { SlotFact } from '../../../core/facts/postgres/replication.ts'
import { lsnDistance } from '../../../core/lsn.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { sqlLiteral } from '../../../core/sql-text.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { contractHarm, outcomeHarm } from '../../harm.ts'
import { instanceHarm } from '../../instances.ts'
import { isLost } from '../../connection-codes.ts'
import { clientHarm, errorsOn, logEffects, withCode } from '../../log-errors.ts'
import { factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { hostOf } from '../../server-log.ts'
import { wasOtherwise } from '../../since-good.ts'
import { consumersOf } from '../../slots.ts'

/** A slot that keeps so much of the disk is why it is full. */
const share = 0.25

const isFull = (code: string): boolean => code === '53100'

/** A slot that nobody reads keeps WAL, until the disk is full. */
const cause: Cause = {
  id: 'capacity/slot-retains-wal',
  taxonomy: 'slot-retains-log',
  title: 'WAL that is kept for an inactive slot fills the disk',
  follows: [
    'replication/subscription-disabled',
    'replication/subscriber-disconnected',
    'replication/standby-disconnected',
    'replication/apply-conflict',
    'replication/schema-drift',
  ],
  *recognise(c) {
    for (const node of c.snapshot.nodes)
      for (const slot of factOf(node, 'replicationSlots') ?? []) {
        const match = slot.active ? null : matchOf(c, node, slot)
        if (match) yield match
      }
  },
}
export default cause

function matchOf(c: Case, node: NodeView, slot: SlotFact): Match | null {
  const wal = factOf(node, 'wal')
  const at = wal?.writeLsn ?? wal?.replayLsn
  if (at == null || slot.restartLsn === null) return null
  const kept = lsnDistance(slot.restartLsn, at)
  const disks = hostOf(c, node.name)?.disks ?? []
  const disk = disks.find(({ what }) => what === 'wal') ?? disks.find(({ what }) => what === 'data')
  // Without the disk's size 16 segments are worth a word, and no more.
  if (disk ? kept < share * disk.totalBytes : kept < 16 * 16 * 1024 * 1024) return null
  const name = node.name
  const lines = errorsOn(c, name, withCode('53100'))
  const isDown = lines.some(({ severity }) => severity !== 'ERROR')
  const fits = (code: string): boolean => isFull(code) || (isDown && isLost(code))
  const read = evidenceOf(
    name,
    disk ? 'pg_replication_slots, statvfs' : 'pg_replication_slots',
    `slot ${slot.name} on ${name} is inactive and keeps ${kept} bytes of WAL${disk ? `, on a disk of ${disk.totalBytes} with ${disk.freeBytes} left` : ''}`,
    { retained_bytes: kept, active: false, wal_status: slot.walStatus, disk_bytes: disk?.totalBytes ?? null },
  )
  const consumer = consumersOf(c, node).find((each) => each.slot === slot.name)?.node.name
  const object = subject.slot(name, slot.name)
  return {
    subject: object,
    direct: disk ? [read] : [],
    indirect: [read],
    harm: [
      ...outcomeHarm(c, name, isFull),
      ...contractHarm(c, name, ({ code }) => isFull(code ?? '')),
      ...clientHarm(c, name, withCode('53100')),
      ...(isDown ? instanceHarm(c, name, { instances: null }, fits) : []),
    ],
    isNew:
      newsOf(c, [object], () => true).length > 0 ||
      (c.lastGoodMs !== null && slot.inactiveSinceMs !== null && slot.inactiveSinceMs > c.lastGoodMs) ||
      wasOtherwise(c, name, (past) => {
        const before = factOf(past, 'replicationSlots')?.find((each) => each.name === slot.name)
        return before ? !before.active : null
      }),
    explains: [
      ...['replication/slot-inactive', 'capacity/wal-size', 'capacity/disk'].flatMap((check) =>
        findingsOf(c, check, name),
      ),
      ...outcomeEffects(c, name, fits),
      ...contractEffects(c, name, ({ code }) => fits(code ?? '')),
      ...logEffects(c, name, withCode('53100')),
    ],
    objects: [object, ...(consumer === undefined ? [] : [subject.node(consumer)])],
    ...(consumer !== undefined && { followsOn: [consumer] }),
    ...(!disk && { missing: `the size of the disk that holds pg_wal on ${name}: its host is not read` }),
    remedy: {
      words: `Bring its consumer ${consumer ?? ''} back, so that it reads what is kept. Only if that takes longer than the disk has room, drop the slot: the consumer must then be made anew.`,
      commands: [
        ...(consumer === undefined
          ? []
          : [
              `on ${consumer}: why does it not read? select * from pg_stat_subscription; select * from pg_stat_wal_receiver;`,
            ]),
        `on ${name}: select pg_drop_replication_slot(${sqlLiteral(slot.name)}); checkpoint;`,
        `on ${name}: alter system set max_slot_wal_keep_size = '…'; select pg_reload_conf();`,
      ],
    },
  }
}
