import type { Transaction } from 'kysely'
import { leaseLost, nobody } from './lease-lost.ts'
import type { Clock, Lease } from './store.ts'
import type { Database, Tables } from './tables.ts'

export async function takeLease(
  db: Database,
  clock: Clock,
  name: string,
  holder: string,
  ttlMs: number,
): Promise<Lease | null> {
  const nowMs = clock()
  const untilMs = nowMs + ttlMs
  const taken = await db
    .insertInto('lease')
    .values({ name, holder, epoch: 1, until_ms: untilMs })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((row) => ({ holder, until_ms: untilMs, epoch: row('lease.epoch', '+', 1) }))
        .where('lease.until_ms', '<=', nowMs),
    )
    .returning('epoch')
    .executeTakeFirst()
  return taken ? { name, holder, epoch: taken.epoch, untilMs } : null
}

export async function renewLease(db: Database, clock: Clock, lease: Lease, ttlMs: number): Promise<Lease | null> {
  const untilMs = clock() + ttlMs
  const renewed = await db
    .updateTable('lease')
    .set({ until_ms: untilMs })
    .where('name', '=', lease.name)
    .where('epoch', '=', lease.epoch)
    .where('holder', '=', lease.holder)
    .executeTakeFirst()
  return renewed.numUpdatedRows > 0 ? { ...lease, untilMs } : null
}

export async function releaseLease(db: Database, lease: Lease): Promise<void> {
  await db
    .updateTable('lease')
    .set({ holder: nobody, until_ms: 0 })
    .where('name', '=', lease.name)
    .where('epoch', '=', lease.epoch)
    .where('holder', '=', lease.holder)
    .execute()
}

export async function leaseOf(db: Database, name: string): Promise<Lease | null> {
  const row = await db.selectFrom('lease').selectAll().where('name', '=', name).executeTakeFirst()
  return row ? { name, holder: row.holder, epoch: row.epoch, untilMs: row.until_ms } : null
}

/**
 * Refuses the transaction of a holder who was overtaken. The update changes nothing: it locks the lease's row until the
 * commit, so that nobody can take the lease between the question and the write.
 */
export async function fenced(tx: Transaction<Tables>, lease: Lease): Promise<void> {
  const held = await tx
    .updateTable('lease')
    .set({ epoch: lease.epoch })
    .where('name', '=', lease.name)
    .where('epoch', '=', lease.epoch)
    .where('holder', '=', lease.holder)
    .executeTakeFirst()
  if (held.numUpdatedRows > 0) return
  throw leaseLost(lease, await leaseOf(tx, lease.name))
}
