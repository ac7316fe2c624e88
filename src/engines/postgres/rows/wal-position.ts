import { z } from 'zod'
import type { Lsn } from '../../../core/lsn.ts'
import { lsnToBigInt } from '../../../core/lsn.ts'
import type { NodeReader } from './node-reader.ts'
import { readRow, readRows } from './node-reader.ts'
import { treeOf } from './sql.ts'

/** How a target gets its rows. */
export type Follows =
  | { readonly kind: 'physical' }
  /** The subscription of the target that carries the table. */
  | { readonly kind: 'logical'; readonly subscription: string }

const position = `select case when r then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end::text as lsn,
    current_setting('wal_block_size')::int4 as block, pg_size_bytes(current_setting('wal_segment_size'))::float8 as segment
  from pg_is_in_recovery() r`

const positionRow = z.object({ lsn: z.string().nullable(), block: z.number(), segment: z.number() })

/** `XLogLongPHD` at the start of a segment, `XLogShortPHD` at the start of every other page (xlog_internal.h). */
const headerBytes = { segment: 40n, page: 24n } as const

/**
 * Just behind a page header nothing has been written on that page: the last record ends where the page begins, and a
 * consumer gets no further before the next record, which on an idle cluster may take minutes (after a WAL switch).
 */
export function endOfLastRecord(insert: Lsn, block: number, segment: number): Lsn {
  const at = lsnToBigInt(insert)
  const header = at % BigInt(segment) < BigInt(block) ? headerBytes.segment : headerBytes.page
  const end = at % BigInt(block) === header ? at - header : at
  return `${(end >> 32n).toString(16)}/${(end & 0xffffffffn).toString(16)}`.toUpperCase()
}

/** Behind all that is committed on the node now. On a standby that passes changes on: behind what it has replayed. */
export async function readPosition(source: NodeReader, signal: AbortSignal): Promise<Lsn | null> {
  const { lsn, block, segment } = await readRow(source, { text: position }, positionRow, signal)
  return lsn === null ? null : endOfLastRecord(lsn, block, segment)
}

/** How far a target has come. All that lies before `lsn` can be read there. */
export interface Progress {
  readonly lsn: Lsn | null
  /** Why it will not come further by itself. */
  readonly stuck: string | null
}

const physical = `select pg_last_wal_replay_lsn()::text as lsn, case
    when not pg_is_in_recovery() then 'it is no standby any more'
    when pg_is_wal_replay_paused() then 'replay is paused' end as stuck`

/**
 * `latest_end_lsn` is set when the apply worker comes to a keepalive, after all changes before it are committed here:
 * as sure as the slot's `confirmed_flush_lsn`, without waiting until they are on disk. A parallel worker's or a table
 * copy's row says nothing about it.
 */
const logical = `select a.latest_end_lsn::text as lsn,
    case when not s.subenabled then 'subscription ' || s.subname || ' is disabled' end as stuck
  from pg_subscription s left join pg_stat_subscription a on a.subname = s.subname and a.pid is not null
    and a.relid is null and to_jsonb(a) ->> 'leader_pid' is null
  where s.subname = $1 and s.subdbid = (select oid from pg_database where datname = current_database())`

const progressRow = z.object({ lsn: z.string().nullable(), stuck: z.string().nullable() })

export async function readProgress(target: NodeReader, follows: Follows, signal: AbortSignal): Promise<Progress> {
  if (follows.kind === 'physical') return readRow(target, { text: physical }, progressRow, signal)
  const rows = await readRows(target, { text: logical, values: [follows.subscription] }, progressRow, signal)
  return rows[0] ?? { lsn: null, stuck: `there is no subscription ${follows.subscription}` }
}

/**
 * Makes the WAL writer flush what lies unwritten: records of transactions that have not ended are sent to nobody, until
 * somebody commits. Needs no privilege, works read-only, assigns no transaction id and so waits for no synchronous standby.
 */
export async function pushWal(source: NodeReader, signal: AbortSignal): Promise<void> {
  await readRow(
    source,
    { text: `select pg_logical_emit_message(false, 'antemortem', '')::text as lsn` },
    z.object({ lsn: z.string() }),
    signal,
  )
}

const unwritten = `select case when r then false else pg_current_wal_flush_lsn() < $1::pg_lsn end as unwritten
  from pg_is_in_recovery() r`

/** Has the node not yet written to disk, and so sent to nobody, what lies before `lsn`? */
export async function isUnwritten(source: NodeReader, lsn: Lsn, signal: AbortSignal): Promise<boolean> {
  const row = z.object({ unwritten: z.boolean() })
  return (await readRow(source, { text: unwritten, values: [lsn] }, row, signal)).unwritten
}

const copied = `select coalesce(min(r.srsubstate) filter (where r.srsubstate <> 'r'), min(r.srsubstate))::text as state
  from pg_subscription_rel r join pg_subscription s on s.oid = r.srsubid and s.subname = $1
    and s.subdbid = (select oid from pg_database where datname = current_database())
  where r.srrelid in (select relid from ${treeOf('to_regclass($2)')} p)`

/** State of a table in its subscription: `r` is ready, others are being copied; null: the subscription does not carry it. */
export async function readCopyState(
  target: NodeReader,
  subscription: string,
  table: string,
  signal: AbortSignal,
): Promise<string | null> {
  const statement = { text: copied, values: [subscription, table] }
  const { state } = await readRow(target, statement, z.object({ state: z.string().nullable() }), signal)
  return state
}
