import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Session } from '../../src/lab/sql.ts'
import type { Feed } from './feed.ts'
import type { Stage } from './stage.ts'
import { restartOf, switchOverAndBack } from './switchover.ts'

/** A lab at work, with somebody beside the application who reads what is replicated. */
export interface Ground extends Stage {
  readonly feed: Feed
}

/** What a healthy server and its people do all day, none of it wrong. */
export interface Operation {
  readonly words: string
  readonly carryOut: (ground: Ground) => Promise<void>
}

/** On the primary, and nobody replicates it. */
export const unpublishedTable = 'import_lines'

const onPrimary =
  (...statements: readonly string[]) =>
  async ({ lab, names }: Stage): Promise<void> =>
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
    words: 'a bulk load: 50,000 rows into a published table, updated, and taken out again',
    carryOut: onPrimary(
      'insert into orders (user_id, amount) select 1 + n % 1000, n % 500 from generate_series(1, 50000) n',
      'update orders set amount = amount + 1 where id > 2000 and id % 5 = 0',
      // A table that only grows would be another load every time.
      'delete from orders where id > 2000',
    ),
  },
  { words: 'a dump of the primary, 20 s in one transaction', carryOut: async (ground) => dump(ground, 'primary') },
  { words: 'a dump of the standby, 20 s in one transaction', carryOut: async (ground) => dump(ground, 'standby') },
  { words: 'a restart of the consumer of a logical slot, away for 10 s', carryOut: restartConsumer },
  { words: 'a reload of every node', carryOut: async ({ lab }) => lab.nodes.forEach(({ name }) => lab.reload(name)) },
]

/** Those that are carried out by the clock: logins fail for as long as they take. */
export const interruptions: readonly Operation[] = [
  { words: 'a planned restart of the standby', carryOut: async (ground) => restartOf(ground, 'standby') },
  { words: 'a planned restart of the subscriber', carryOut: async (ground) => restartOf(ground, 'subscriber') },
  { words: 'a planned restart of the primary', carryOut: async (ground) => restartOf(ground, 'primary') },
  { words: 'a switchover to the standby, and one back', carryOut: switchOverAndBack },
]

async function changeIndexes(stage: Stage): Promise<void> {
  const { usersTable } = stage.names
  await onPrimary(
    `create index concurrently measuring_users_idx on ${usersTable} (last_login)`,
    'create index concurrently measuring_orders_idx on orders (amount)',
  )(stage)
  // A watcher that looks every second is to see them.
  await sleep(3_000)
  await onPrimary('drop index concurrently measuring_users_idx', 'drop index concurrently measuring_orders_idx')(stage)
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

const dumpMs = 20_000

/** As pg_dump does it, which is not among our binaries: all tables locked against changes, one snapshot, one table after the other. */
async function dump({ lab, names }: Stage, role: 'primary' | 'standby'): Promise<void> {
  await using session = await lab.session(names[role], 'pg_dump')
  const tables = [names.usersTable, 'orders', 'sessions']
  await session.each([
    'begin isolation level repeatable read, read only',
    `lock table ${tables.join(', ')} in access share mode`,
  ])
  for (const table of tables) {
    await session.rows(`select count(*), max(md5(t::text)) from ${table} t`)
    // Whoever takes what is dumped is slower than the server.
    await sleep(dumpMs / tables.length)
  }
  await session.rows('commit')
}

async function restartConsumer({ feed }: Ground): Promise<void> {
  await feed.stop()
  await sleep(10_000)
  feed.start()
}
