import type { JournalEntry, Phase } from '../core/plan.ts'
import { fenced } from './leases.ts'
import type { Lease } from './store.ts'
import type { Database, Tables } from './tables.ts'

export async function journalAppend(db: Database, lease: Lease, entries: readonly JournalEntry[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // It also locks the lease, which is what makes the next ordinal ours.
    await fenced(tx, lease)
    for (const entry of entries) {
      const { last } = await tx
        .selectFrom('journal')
        .select((row) => row.fn.coalesce(row.fn.max('ordinal'), row.lit(0)).as('last'))
        .where('plan', '=', entry.plan)
        .executeTakeFirstOrThrow()
      const { plan, epoch, n, phase, atMs, output } = entry
      const row = { plan, ordinal: last + 1, epoch, n, phase, at_ms: atMs, output: JSON.stringify(output) }
      await tx.insertInto('journal').values(row).execute()
    }
  })
}

export async function journal(db: Database, planId: string): Promise<readonly JournalEntry[]> {
  const rows = await db.selectFrom('journal').selectAll().where('plan', '=', planId).orderBy('ordinal').execute()
  return rows.map(entry)
}

function entry({ plan, epoch, n, phase, at_ms, output }: Tables['journal']): JournalEntry {
  // Both were written by `journalAppend` from an entry.
  const read = { phase: phase as Phase, output: JSON.parse(output) as JournalEntry['output'] }
  return { plan, epoch, n, atMs: at_ms, ...read }
}
