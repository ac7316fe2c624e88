import { AntemortemError } from '../core/error.ts'
import { canonicalJson } from '../core/json.ts'
import type { Json } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import type { Proof } from '../core/proof.ts'
import { take } from './counter.ts'
import { journal } from './journal.ts'
import { standing } from './standing.ts'
import type { Image, LastGood } from './store.ts'
import type { Database } from './tables.ts'

export async function savePlan(db: Database, saved: Plan): Promise<void> {
  const body = canonicalJson(saved)
  const before = await db.transaction().execute(async (tx) => {
    const row = await tx.selectFrom('plan').select('body').where('id', '=', saved.id).executeTakeFirst()
    if (row) return row.body
    const ordinal = await take(tx, 'plan', 1)
    await tx.insertInto('plan').values({ id: saved.id, ordinal, body }).execute()
    return body
  })
  if (before === body) return
  throw new AntemortemError(
    'plan-exists',
    `another plan is saved under the id ${saved.id}`,
    'Make the plan again, so that it gets an id of its own.',
  )
}

export async function plan(db: Database, id: string): Promise<Plan | null> {
  const row = await db.selectFrom('plan').select('body').where('id', '=', id).executeTakeFirst()
  return row ? planOf(row.body) : null
}

export async function plans(db: Database, filter: { readonly open?: boolean } = {}): Promise<readonly Plan[]> {
  const rows = await db.selectFrom('plan').select('body').orderBy('ordinal').execute()
  const all = rows.map(({ body }) => planOf(body))
  if (filter.open === undefined) return all
  const chosen: Plan[] = []
  for (const each of all) if ((standing(each, await journal(db, each.id)) === 'open') === filter.open) chosen.push(each)
  return chosen
}

// Written by `savePlan` from a plan.
const planOf = (body: string): Plan => JSON.parse(body) as Plan

export async function saveImage(db: Database, planId: string, n: number, rows: readonly Json[]): Promise<void> {
  await db
    .insertInto('image')
    .values({ plan: planId, n, rows: JSON.stringify(rows) })
    .onConflict((conflict) => conflict.columns(['plan', 'n']).doNothing())
    .execute()
}

export async function images(db: Database, planId: string): Promise<readonly Image[]> {
  const rows = await db.selectFrom('image').selectAll().where('plan', '=', planId).orderBy('n').execute()
  // Written by `saveImage` from rows.
  return rows.map((row) => ({ n: row.n, rows: JSON.parse(row.rows) as readonly Json[] }))
}

export async function saveProof(db: Database, proof: Proof): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const ordinal = await take(tx, 'proof', 1)
    await tx
      .insertInto('proof')
      .values({ ordinal, body: JSON.stringify(proof) })
      .execute()
  })
}

export async function proofs(db: Database): Promise<readonly Proof[]> {
  const rows = await db.selectFrom('proof').select('body').orderBy('ordinal').execute()
  // Written by `saveProof` from a proof.
  return rows.map(({ body }) => JSON.parse(body) as Proof)
}

export async function saveLastGood(db: Database, cluster: string, good: LastGood): Promise<void> {
  const row = { at_ms: good.atMs, fingerprint: JSON.stringify(good.fingerprint) }
  await db
    .insertInto('last_good')
    .values({ cluster, ...row })
    .onConflict((conflict) => conflict.column('cluster').doUpdateSet(row))
    .execute()
}

export async function lastGood(db: Database, cluster: string): Promise<LastGood | null> {
  const row = await db.selectFrom('last_good').selectAll().where('cluster', '=', cluster).executeTakeFirst()
  if (!row) return null
  const fingerprint: unknown = JSON.parse(row.fingerprint)
  return { atMs: row.at_ms, fingerprint }
}
