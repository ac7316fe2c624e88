import { breaks, conf, sql, type GateCase } from './case.ts'

/** Subscriptions, slots and the WAL that they hold. */
export const slotCases: readonly GateCase[] = [
  sql(
    'B01',
    'a subscription is switched off: WAL is kept without end',
    '-- antemortem:on reports\nalter subscription reports_sub disable;',
    breaks('replication/subscription-disabled', 'subscription reports_sub', 'reports'),
    { seenBy: 'text' },
  ),
  conf(
    'B02',
    'a slot may hold two megabytes of WAL only',
    'max_slot_wal_keep_size = 2MB',
    breaks('replication/slot-lost', 'max_slot_wal_keep_size', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'B04',
    'the slot of a standby is dropped',
    `select pg_drop_replication_slot('standby_slot');`,
    breaks('replication/slot-missing', 'slot standby_slot', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'B05',
    'a slot that nobody will read',
    `select pg_create_physical_replication_slot('spare', true);`,
    breaks('capacity/slot-retains-wal', 'slot spare', 'primary'),
    { seenBy: 'text' },
  ),
  conf(
    'B06',
    'fewer slots than there are',
    'max_replication_slots = 1',
    breaks('server/config-prevents-start', 'max_replication_slots', 'primary'),
    { seenBy: 'topology' },
  ),
]
