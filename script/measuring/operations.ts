import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Session } from '../../src/lab/sql.ts'
import type { Stage } from './stage.ts'

/** What a healthy server and its people do all day, none of it wrong. */
export interface Operation {
  readonly words: string
  readonly carryOut: (stage: Stage) => Promise<void>
}

/** On the primary, and nobody replicates it. */
export const unpublishedTable = 'import_lines'

const onPrimary =
  (...statements: readonly string[]) =>
  async ({ lab, names }: Pick<Stage, 'lab' | 'names'>): Promise<void> =>
    Session.use(lab.url(names.primary, 'admin'), async (session) => session.each(statements))

/** The first touches tables, which are compared from then on while all that follows writes into them. */
export const operations: readonly Operation[] = [
  { words: 'create and drop index concurrently, on tables that are written', carryOut: changeIndexes },
  { words: 'vacuum of all tables', carryOut: onPrimary('vacuum') },
  { words: 'vacuum full of a table that nobody replicates', carryOut: onPrimary(`vacuum full ${unpublishedTable}`) },
  { words: 'a base backup', carryOut: backUp },
  { words: 'temporary tables, 20 a second', carryOut: makeTemporaryTables },
  { words: 'pool recycling, one instance after the other', carryOut: recyclePools },
  { words: 'analyze', carryOut: onPrimary('analyze') },
  { words: 'checkpoint', carryOut: onPrimary('checkpoint') },
  { words: 'pg_switch_wal', carryOut: onPrimary('select pg_switch_wal()') },
  { words: 'pg_stat_reset on every node', carryOut: resetStatistics },
  {
    words: 'a bulk insert of 50,000 rows into a published table',
    carryOut: onPrimary(
      'insert into orders (user_id, amount) select 1 + n % 1000, n % 500 from generate_series(1, 50000) n',
    ),
  },
  { words: 'a reload of every node', carryOut: async ({ lab }) => lab.nodes.forEach(({ name }) => lab.reload(name)) },
]

/** The one that is carried out by the clock: the application's reads there fail for as long as it takes. */
export const restart: Operation = {
  words: 'a restart of the standby',
  carryOut: async ({ lab, names }) => lab.restart(names.standby),
}

async function changeIndexes({ lab, names }: Stage): Promise<void> {
  const { usersTable } = names
  await onPrimary(
    `create index concurrently measuring_users_idx on ${usersTable} (last_login)`,
    'create index concurrently measuring_orders_idx on orders (amount)',
  )({ lab, names })
  // A watcher that looks every second is to see them.
  await sleep(3_000)
  await onPrimary(
    'drop index concurrently measuring_users_idx',
    'drop index concurrently measuring_orders_idx',
  )({ lab, names })
}

/** As pg_basebackup does it, which is not among our binaries: the session that begins a backup has to end it. */
async function backUp({ lab, names }: Stage): Promise<void> {
  const copy = join(lab.dir, 'backup')
  await Session.use(lab.url(names.primary, 'admin'), async (session) => {
    // Its checkpoint at once: spread over time it would take minutes.
    await session.rows(`select pg_backup_start('measuring', true)`)
    await copyFiles(lab.node(names.primary).dataDir, copy)
    await session.rows('select lsn from pg_backup_stop(false)')
  })
  await rm(copy, { recursive: true })
}

/** A live server takes files away while they are copied: that is allowed, its WAL makes up for it. */
async function copyFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true, recursive: true })) {
    const target = join(to, entry.parentPath.slice(from.length), entry.name)
    try {
      if (entry.isDirectory()) await mkdir(target, { recursive: true })
      else if (entry.isFile()) await copyFile(join(entry.parentPath, entry.name), target)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
}

async function makeTemporaryTables({ lab, names }: Stage): Promise<void> {
  await Session.use(lab.url(names.primary, 'app'), async (session) => {
    for (let n = 0; n < 200; n += 1) {
      await session.each([
        `create temporary table basket (id int primary key, words text)`,
        `insert into basket select g, 'x' from generate_series(1, 50) g`,
        `drop table basket`,
      ])
      await sleep(50)
    }
  })
}

/** A line that no one reads is another text: the instance opens new pools and ends the old ones. */
async function recyclePools({ app }: Stage): Promise<void> {
  for (const instance of app.instances) await app.setEnv(instance, { RECYCLED_AT: String(Date.now()) })
}

async function resetStatistics({ lab }: Stage): Promise<void> {
  for (const { name } of lab.nodes)
    await lab.rows(name, `select pg_stat_reset(), pg_stat_reset_subscription_stats(null)`)
}
