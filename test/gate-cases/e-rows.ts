import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../../src/lab/lab.ts'
import { breaks, byHand, sql, type GateCase } from './case.ts'

/** A standby whose signal file is gone begins to take writes. */
async function leadsItself(lab: Lab): Promise<void> {
  await lab.stop('standby', 'fast')
  rmSync(join(lab.node('standby').dataDir, 'standby.signal'))
  await lab.start('standby')
}

const lock = 'contention/lock'

/** Locks and rewrites. */
export const lockCases: readonly GateCase[] = [
  sql(
    'E01',
    'a short lock behind a long query: everybody behind it waits',
    'alter table users add column extra int;',
    breaks(lock, 'public.users', 'primary'),
    { seenBy: 'load', given: [['reports', 'alter table users add column extra int']] },
  ),
  sql(
    'E02',
    'the same with a lock timeout: it gives up',
    `set lock_timeout = '200ms';\nalter table users add column extra int;`,
    null,
    { seenBy: 'load', mayWarn: true, given: [['reports', 'alter table users add column extra int']] },
  ),
  sql(
    'E03a',
    'an index that blocks writers',
    'create index on measurements (taken_at);',
    breaks(lock, 'public.measurements', 'primary'),
    {
      seenBy: 'text',
      given: [
        [
          'primary',
          'create schema stats; create table measurements (id int primary key, taken_at timestamptz, value int); insert into measurements select n, now(), n from generate_series(1, 200000) n; analyze measurements',
        ],
        ['reports', 'create table measurements (id int primary key, taken_at timestamptz, value int)'],
      ],
    },
  ),
  sql(
    'E03b',
    'a foreign key that is checked at once, with both tables locked',
    'alter table sessions add constraint sessions_user foreign key (user_id) references users (id);',
    breaks(lock, 'public.sessions', 'primary'),
    {
      seenBy: 'text',
      given: [
        [
          'primary',
          'insert into sessions (user_id) select 1 + n % 1000 from generate_series(1, 100000) n; analyze sessions',
        ],
      ],
    },
  ),
  sql(
    'E03c',
    'a default that is another for each row: the table is written anew',
    'alter table orders add column tag uuid default gen_random_uuid();',
    breaks(lock, 'public.orders', 'primary'),
    {
      seenBy: 'text',
      given: [
        [
          'primary',
          'insert into orders (user_id, amount) select 1 + n % 1000, 1 from generate_series(1, 60000) n; analyze orders',
        ],
        ['reports', 'alter table orders add column tag uuid'],
      ],
    },
  ),
  sql(
    'E04',
    'a unique index over rows that are not',
    'create unique index concurrently on orders (user_id);',
    breaks(['application/error', 'integrity/index-corruption'], 'public.orders', 'primary'),
    { seenBy: 'data' },
  ),
  sql(
    'E06',
    'a prepared transaction is left',
    `begin;\nupdate users set name = name where id = 1;\nprepare transaction 'left';`,
    breaks(lock, 'left', 'primary'),
    { seenBy: 'text' },
  ),
]

/** Rows. */
export const dataCases: readonly GateCase[] = [
  sql(
    'F01',
    'an update of all rows',
    `update users set name = 'x';`,
    breaks('integrity/data-deleted', 'public.users', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'F02',
    'a delete of all rows',
    'delete from sessions;',
    breaks('integrity/data-deleted', 'public.sessions', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'F03',
    'money becomes whole',
    'alter table orders alter column amount type int using amount::int;',
    breaks('integrity/data-deleted', 'public.orders', 'primary'),
    { seenBy: 'text', given: [['reports', 'alter table orders alter column amount type numeric']] },
  ),
  sql(
    'F04',
    'not null over rows that have none',
    'alter table users alter column last_login set not null;',
    breaks('application/error', 'public.users', 'primary'),
    { seenBy: 'data', given: [['primary', 'update users set last_login = null where id = 3']] },
  ),
  byHand(
    'F05',
    'a page of a table is damaged',
    breaks('integrity/table-corruption', 'public.users', 'primary'),
    async (lab) => lab.damage('primary', 'users', { page: 1, offset: 2048, length: 2048 }),
    { seenBy: 'nothing' },
  ),
  byHand(
    'F06',
    'the order of a collation changes under an index',
    breaks('integrity/index-corruption', 'public.users_name_key', 'primary'),
    // As another version of the system's library does it: what the index was built by is no longer what it is searched by.
    async (lab) => {
      await lab.rows(
        'primary',
        `update pg_index set indcollation = (select oid::text::oidvector from pg_collation where collname = 'en-US-x-icu')
         where indexrelid = 'users_name_key'::regclass`,
      )
    },
    { seenBy: 'nothing' },
  ),
  sql(
    'F07',
    'a column is dropped that the application still reads',
    'alter table users drop column password_hash;',
    breaks('integrity/data-deleted', 'public.users', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'F08',
    'a table is no longer vacuumed',
    'alter table orders set (autovacuum_enabled = false);',
    breaks('capacity/wraparound', 'public.orders', 'primary'),
    { seenBy: 'text' },
  ),
]

/** What lies outside one database. */
export const serverCases: readonly GateCase[] = [
  sql(
    'G01',
    'a tablespace whose directory the standby does not have',
    `create tablespace fast location '/mnt/fast';`,
    breaks(['replication/standby-disconnected', 'server/crash'], 'tablespace fast', 'standby'),
    { seenBy: 'text' },
  ),
  sql(
    'G02',
    'an extension whose library the standby does not have',
    'create extension postgis;',
    breaks('application/error', 'extension postgis', 'standby'),
    { seenBy: 'topology' },
  ),
  sql(
    'G03',
    'a new database, which no subscription carries',
    'create database billing;',
    breaks('replication/publication-incomplete', 'database billing', 'reports'),
    { seenBy: 'text' },
  ),
  sql(
    'G04',
    'a sequence is used on the standby',
    `-- antemortem:on standby\nselect nextval('orders_id_seq');`,
    breaks('application/error', 'nextval', 'standby'),
    { seenBy: 'topology' },
  ),
  sql('G05', 'a database with a slot in use is dropped: the server refuses', 'drop database auth;', null, {
    seenBy: 'topology',
    mayWarn: true,
  }),
  byHand('G06', 'standby.signal is removed', breaks('replication/split-brain', 'standby', 'standby'), leadsItself, {
    seenBy: 'nothing',
  }),
]
