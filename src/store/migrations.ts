import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Migration } from 'kysely/migration'
import { AntemortemError } from '../core/error.ts'
import type { Database } from './tables.ts'

/** What has been released stays as it is: a change of format is a new entry, under a name that sorts after the last. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': { up: first },
  '0002-verified': { up: verified },
  '0003-record': { up: record },
}

/** Brings a store to this program's format, and refuses one that a newer program has written. */
export async function migrate(db: Database, where: string): Promise<void> {
  const known = Object.keys(migrations)
  const found = await foundIn(db, where)
  if (found.length === known.length && found.every((name) => known.includes(name))) return
  const strange = found.find((name) => !known.includes(name))
  if (strange !== undefined)
    throw new AntemortemError(
      'store-newer',
      `${where} was written by a newer antemortem (format ${strange}; this one knows up to ${known.at(-1) ?? 'none'})`,
      'Run the newer version, or name another file in `store:`.',
      { exit: 2 },
    )
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

/** Names of the migrations that a store has seen, none when it is empty. */
async function foundIn(db: Database, where: string): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (tables.length === 0) return []
  if (!tables.some(({ name }) => name === 'kysely_migration'))
    throw new AntemortemError(
      'store-foreign',
      `${where} is a database of another program (it has a table ${tables[0]?.name ?? '?'})`,
      'Name another file in `store:`.',
      { exit: 2 },
    )
  const rows = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.rows.map(({ name }) => name)
}

async function first(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('event')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('cluster', 'text', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('incident', 'text')
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
  await schema.createIndex('event_incident').on('event').columns(['incident', 'seq']).execute()
  await schema
    .createTable('counter')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'bigint', (column) => column.notNull())
    .execute()
  await sql`insert into counter (name, value) values ('event', 0), ('plan', 0), ('proof', 0)`.execute(db)
  await schema
    .createTable('lease')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('epoch', 'bigint', (column) => column.notNull())
    .addColumn('until_ms', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('plan')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('ordinal', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('journal')
    .addColumn('plan', 'text', (column) => column.notNull().references('plan.id'))
    .addColumn('ordinal', 'bigint', (column) => column.notNull())
    .addColumn('epoch', 'bigint', (column) => column.notNull())
    .addColumn('n', 'integer', (column) => column.notNull())
    .addColumn('phase', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('output', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('journal_key', ['plan', 'ordinal'])
    .execute()
  await schema
    .createTable('image')
    .addColumn('plan', 'text', (column) => column.notNull().references('plan.id'))
    .addColumn('n', 'integer', (column) => column.notNull())
    .addColumn('rows', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('image_key', ['plan', 'n'])
    .execute()
  await schema
    .createTable('proof')
    .addColumn('ordinal', 'bigint', (column) => column.primaryKey())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('last_good')
    .addColumn('cluster', 'text', (column) => column.primaryKey())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .execute()
}

/** How far a comparison of a table on two nodes has come. */
async function verified({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('verified')
    .addColumn('cluster', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('relation', 'text', (column) => column.notNull())
    .addColumn('stamp', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('verified_key', ['cluster', 'source', 'target', 'relation'])
    .execute()
}

/** What the gate keeps of a change between two runs. */
async function record({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('record')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('record_key', ['kind', 'name'])
    .execute()
}
