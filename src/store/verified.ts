import type { Verified, VerifiedTable } from './store.ts'
import type { Database } from './tables.ts'

const keys = ['cluster', 'source', 'target', 'relation'] as const

export async function saveVerified(db: Database, table: VerifiedTable, progress: Verified): Promise<void> {
  const { cluster, source, target, relation } = table
  const row = { stamp: progress.stamp, at_ms: progress.atMs, body: JSON.stringify(progress.body) }
  await db
    .insertInto('verified')
    .values({ cluster, source, target, relation, ...row })
    .onConflict((conflict) => conflict.columns(keys).doUpdateSet(row))
    .execute()
}

export async function verified(db: Database, table: VerifiedTable): Promise<Verified | null> {
  let query = db.selectFrom('verified').select(['stamp', 'at_ms', 'body'])
  for (const key of keys) query = query.where(key, '=', table[key])
  const row = await query.executeTakeFirst()
  if (!row) return null
  const body: unknown = JSON.parse(row.body)
  return { stamp: row.stamp, atMs: row.at_ms, body }
}

export async function verifiedOf(db: Database, cluster: string): Promise<readonly (VerifiedTable & Verified)[]> {
  const rows = await db
    .selectFrom('verified')
    .selectAll()
    .where('cluster', '=', cluster)
    .orderBy('source')
    .orderBy('target')
    .orderBy('relation')
    .execute()
  return rows.map(({ at_ms: atMs, body: json, ...row }) => {
    const body: unknown = JSON.parse(json)
    return { ...row, atMs, body }
  })
}

export async function forgetVerified(db: Database, tables: readonly VerifiedTable[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const table of tables) {
      let query = tx.deleteFrom('verified')
      for (const key of keys) query = query.where(key, '=', table[key])
      await query.execute()
    }
  })
}
