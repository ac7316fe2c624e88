import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Kysely } from 'kysely'
import { AntemortemError } from '../core/error.ts'
import { redact } from '../core/redact.ts'
import { append, events } from './events.ts'
import { journal, journalAppend } from './journal.ts'
import { leaseOf, releaseLease, renewLease, takeLease } from './leases.ts'
import { migrate } from './migrations.ts'
import { forgetVerified, saveVerified, verified, verifiedOf } from './verified.ts'
import { images, lastGood, plan, plans, proofs, saveImage, saveLastGood, savePlan, saveProof } from './saved.ts'
import { NodeSqliteDialect, openSqlite } from './sqlite.ts'
import type { Clock, Store } from './store.ts'
import type { Database, Tables } from './tables.ts'

/** Opens the store, and makes it when it is not there. `url` is `sqlite:PATH`; the path is relative to where one stands. */
export async function openStore(url: string, options: { readonly clock: Clock }): Promise<Store> {
  const path = pathOf(url)
  const db = new Kysely<Tables>({ dialect: new NodeSqliteDialect(path, openSqlite(path)) })
  try {
    await migrate(db, `the store ${path}`)
  } catch (error) {
    await db.destroy()
    throw error
  }
  return storeOn(db, path, options.clock)
}

/** For whoever only wants to know what is in it: null where there is none yet, and none is made. */
export const openExistingStore = async (url: string, options: { readonly clock: Clock }): Promise<Store | null> =>
  existsSync(pathOf(url)) ? openStore(url, options) : null

function pathOf(url: string): string {
  if (/^postgres(ql)?:/i.test(url))
    throw new AntemortemError(
      'store-postgres',
      `a PostgreSQL store is not supported yet: ${redact(url)}`,
      'Write `store: "sqlite:antemortem.db"`; one file serves any number of clusters.',
      { exit: 2 },
    )
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/s.exec(url)?.[1]
  if (path === undefined)
    throw new AntemortemError('store-url', `no store is meant by ${redact(url)}`, 'Write `store: "sqlite:PATH"`.', {
      exit: 2,
    })
  return path === ':memory:' ? path : resolve(path)
}

const storeOn = (db: Database, where: string, clock: Clock): Store => ({
  where,
  append: (cluster, bodies, atMs, fence) => append(db, cluster, bodies, atMs, fence),
  events: (filter) => events(db, filter),
  takeLease: (name, holder, ttlMs) => takeLease(db, clock, name, holder, ttlMs),
  renewLease: (lease, ttlMs) => renewLease(db, clock, lease, ttlMs),
  releaseLease: (lease) => releaseLease(db, lease),
  leaseOf: (name) => leaseOf(db, name),
  savePlan: (saved) => savePlan(db, saved),
  plan: (id) => plan(db, id),
  plans: (filter) => plans(db, filter),
  journalAppend: (lease, ...entries) => journalAppend(db, lease, entries),
  journal: (planId) => journal(db, planId),
  saveImage: (planId, n, rows) => saveImage(db, planId, n, rows),
  images: (planId) => images(db, planId),
  saveProof: (proof) => saveProof(db, proof),
  proofs: () => proofs(db),
  saveLastGood: (cluster, good) => saveLastGood(db, cluster, good),
  lastGood: (cluster) => lastGood(db, cluster),
  saveVerified: (table, progress) => saveVerified(db, table, progress),
  verified: (table) => verified(db, table),
  verifiedOf: (cluster) => verifiedOf(db, cluster),
  forgetVerified: (tables) => forgetVerified(db, tables),
  close: () => db.destroy(),
})
