import type { Kept } from './store.ts'
import type { Database } from './tables.ts'

export async function saveRecord(db: Database, kind: string, name: string, { atMs, body }: Kept): Promise<void> {
  const row = { at_ms: atMs, body: JSON.stringify(body) }
  await db
    .insertInto('record')
    .values({ kind, name, ...row })
    .onConflict((conflict) => conflict.columns(['kind', 'name']).doUpdateSet(row))
    .execute()
}

export async function record(db: Database, kind: string, name: string): Promise<Kept | null> {
  const row = await db
    .selectFrom('record')
    .select(['at_ms', 'body'])
    .where('kind', '=', kind)
    .where('name', '=', name)
    .executeTakeFirst()
  if (!row) return null
  const body: unknown = JSON.parse(row.body)
  return { atMs: row.at_ms, body }
}

export async function forgetRecord(db: Database, kind: string, name: string): Promise<void> {
  await db.deleteFrom('record').where('kind', '=', kind).where('name', '=', name).execute()
}
