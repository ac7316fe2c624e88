import type { Session } from './sql.ts'
import { waitUntil } from './wait.ts'

export interface Followers {
  readonly standbys: readonly Session[]
  /** The subscriptions' slots on the primary. */
  readonly slots: readonly string[]
  readonly signal?: AbortSignal | undefined
}

/** Until every standby and subscriber has taken in all that the primary had written when it was asked. */
export async function waitForFollowers(primary: Session, { standbys, slots, signal }: Followers): Promise<void> {
  const [row] = await primary.rows(`select pg_logical_emit_message(true, 'antemortem-lab', '')::text as lsn`)
  const lsn = row?.['lsn']
  const waits = standbys.map(async (standby) =>
    waitUntil('a standby to follow the primary', async () => isTrue(standby, standbyHas, [lsn]), { signal }),
  )
  if (slots.length > 0)
    waits.push(
      waitUntil('the subscribers to follow the primary', async () => isTrue(primary, slotsHave, [lsn, slots]), {
        signal,
      }),
    )
  await Promise.all(waits)
}

// The commit record of the message begins where the message ends: "past it" is what says that both are there.
const standbyHas = `select coalesce(pg_last_wal_replay_lsn() > $1::pg_lsn, false)
  and exists (select from pg_stat_wal_receiver where status = 'streaming') as answer`
const slotsHave = `select count(*) = cardinality($2::text[]) as answer from pg_replication_slots
  where slot_name = any ($2) and active and confirmed_flush_lsn > $1::pg_lsn`

async function isTrue(session: Session, sql: string, values: readonly unknown[]): Promise<boolean> {
  const [row] = await session.rows(sql, values)
  return row?.['answer'] === true
}

export async function waitForInitialCopy(subscriber: Session, signal?: AbortSignal): Promise<void> {
  const sql = `select not exists (select from pg_subscription_rel where srsubstate <> 'r') as answer`
  await waitUntil('the subscriptions to copy their tables', async () => isTrue(subscriber, sql, []), {
    timeoutMs: 120_000,
    everyMs: 20,
    signal,
  })
}

/**
 * Until the failover slots stand on the standby for good. A slot is kept there only once it is ahead of what the standby
 * held when it was made, so the primary is given something to write.
 */
export async function waitForSyncedSlots(
  primary: Session,
  standby: Session,
  slots: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const sql = `select count(*) = cardinality($1::text[]) as answer from pg_replication_slots
    where slot_name = any ($1) and synced and not temporary`
  await waitUntil(
    'the failover slots to reach the standby',
    async () => {
      await primary.rows(`select pg_log_standby_snapshot(), pg_logical_emit_message(true, 'antemortem-lab', '')`)
      return isTrue(standby, sql, [slots])
    },
    { timeoutMs: 60_000, everyMs: 100, signal },
  )
}
