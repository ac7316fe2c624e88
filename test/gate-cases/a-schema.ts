import { breaks, byHand, sql, type GateCase } from './case.ts'

const drift = 'replication/schema-drift'
const incomplete = 'replication/publication-incomplete'
const conflict = 'replication/apply-conflict'
const identity = 'replication/replica-identity'

const mood = [
  ['reports', `create type mood as enum ('calm', 'angry')`],
  ['reports', 'create table tickets (id int primary key, feeling mood)'],
  ['primary', `create type mood as enum ('calm', 'angry')`],
  ['primary', 'create table tickets (id int primary key, feeling mood)'],
  ['primary', 'alter publication auth_pub add table tickets'],
  ['reports', 'alter subscription reports_sub refresh publication'],
] as const

const events = [
  ['reports', 'create table events (id int, at date not null, primary key (id, at)) partition by range (at)'],
  ['reports', `create table events_26 partition of events for values from ('2026-01-01') to ('2027-01-01')`],
  ['primary', 'create table events (id int, at date not null, primary key (id, at)) partition by range (at)'],
  ['primary', `create table events_26 partition of events for values from ('2026-01-01') to ('2027-01-01')`],
  ['primary', 'alter publication auth_pub add table events'],
  ['reports', 'alter subscription reports_sub refresh publication'],
] as const

const everyTable = [['primary', 'drop publication auth_pub; create publication auth_pub for all tables']] as const

const manyOrders = [
  [
    'primary',
    'insert into orders (user_id, amount) select 1 + n % 1000, 1 from generate_series(1, 60000) n; analyze orders',
  ],
] as const

/** Tables, types, publications and triggers: what logical replication does not carry by itself. */
export const schemaCases: readonly GateCase[] = [
  sql(
    'A01',
    'a column on the publisher alone',
    'alter table users add column phone text;',
    breaks(drift, 'public.users', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A02',
    'a column on the subscriber alone, which may be null',
    '-- antemortem:on reports\nalter table users add column note text;',
    null,
    { seenBy: 'topology' },
  ),
  sql(
    'A03',
    'a column is dropped on the publisher',
    'alter table orders drop column placed_at;',
    breaks('integrity/data-deleted', 'public.orders', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'A04',
    'a column gets another name on the publisher',
    'alter table users rename column name to full_name;',
    breaks(drift, 'public.users', 'reports'),
    { seenBy: 'text' },
  ),
  sql(
    'A05',
    'more digits behind the point on the publisher alone: the subscriber rounds',
    'alter table orders alter column amount type numeric(12, 4);',
    breaks([drift, 'replication/divergence'], 'public.orders', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A06',
    'a wider key on the publisher alone: the first large one stops the subscription',
    'alter table users alter column id type bigint;',
    breaks(drift, 'public.users', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A07',
    'a wider text on the publisher alone',
    'alter table devices alter column label type text;',
    breaks(drift, 'public.devices', 'reports'),
    {
      seenBy: 'topology',
      given: [
        ['reports', 'create table devices (id int primary key, label varchar(10))'],
        ['primary', 'create table devices (id int primary key, label varchar(10))'],
        ['primary', 'alter publication auth_pub add table devices'],
        ['reports', 'alter subscription reports_sub refresh publication'],
      ],
    },
  ),
  sql(
    'A08',
    'a new table that the publication does not list',
    'create table audit (id bigint primary key, what text);',
    breaks(incomplete, 'public.audit', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A09',
    'a new table under a publication of all tables, absent on the subscriber',
    'create table audit (id bigint primary key, what text);',
    breaks(drift, 'public.audit', 'reports'),
    { seenBy: 'topology', given: everyTable },
  ),
  sql(
    'A10',
    'a new table on both sides under a publication of all tables, not refreshed',
    '-- antemortem:on reports\ncreate table audit (id bigint primary key);\n-- antemortem:on primary\ncreate table audit (id bigint primary key);',
    breaks(incomplete, 'public.audit', 'reports'),
    { seenBy: 'topology', given: everyTable },
  ),
  sql(
    'A11',
    'the primary key of a published table is dropped',
    'alter table users drop constraint users_pkey cascade;',
    breaks(identity, 'public.users', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'A12',
    'replica identity nothing',
    'alter table users replica identity nothing;',
    breaks(identity, 'public.users', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'A13',
    'the primary key is dropped on the subscriber',
    '-- antemortem:on reports\nalter table users drop constraint users_pkey cascade;',
    breaks([identity, conflict], 'public.users', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A14',
    'a unique index on the subscriber alone',
    '-- antemortem:on reports\ncreate unique index on orders (placed_at);',
    breaks(conflict, 'public.orders', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A15',
    'not null on the subscriber alone',
    '-- antemortem:on reports\nalter table users alter column last_login set not null;',
    breaks(conflict, 'public.users', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A16',
    'a check on the subscriber alone',
    '-- antemortem:on reports\nalter table orders add constraint small check (amount < 1000);',
    breaks(conflict, 'public.orders', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A17',
    'a stored generated column: the table is written anew, the column is not sent',
    'alter table orders add column doubled numeric generated always as (amount * 2) stored;',
    breaks(['contention/lock', incomplete], 'public.orders', 'primary'),
    { seenBy: 'text', given: manyOrders },
  ),
  byHand(
    'A18',
    'writes are switched over to the subscriber, whose sequences stand at the beginning',
    breaks('integrity/sequence-behind', 'public.orders_id_seq', 'reports'),
    async (lab) => {
      await lab.rows('primary', 'insert into orders (user_id, amount) select 1, 1 from generate_series(1, 10)')
      await lab.caughtUp()
      await lab.rows('reports', 'alter subscription reports_sub disable')
    },
    { seenBy: 'topology' },
  ),
  sql(
    'A19',
    'a new partition on the publisher alone',
    `create table events_27 partition of events for values from ('2027-01-01') to ('2028-01-01');`,
    breaks(drift, 'public.events_27', 'reports'),
    { seenBy: 'topology', given: events },
  ),
  sql(
    'A20',
    'a new value of an enum on the publisher alone',
    `alter type mood add value 'bored';`,
    breaks(drift, 'public.tickets', 'reports'),
    { seenBy: 'topology', given: mood },
  ),
  sql(
    'A21',
    'a replicated truncate meets a foreign key of the subscriber',
    'truncate sessions;',
    breaks(conflict, 'public.sessions', 'reports'),
    {
      seenBy: 'topology',
      given: [['reports', 'create table seen (id int primary key, token uuid references sessions (token))']],
    },
  ),
  sql(
    'A22',
    'truncate is taken out of the publication, then rows are truncated',
    `alter publication auth_pub set (publish = 'insert, update, delete');\ntruncate sessions;`,
    breaks(incomplete, 'publication auth_pub', 'reports'),
    { seenBy: 'text' },
  ),
  sql(
    'A23',
    'a row filter',
    'alter publication auth_pub set table users where (id < 500), orders, sessions;',
    breaks(incomplete, 'public.users', 'reports'),
    { seenBy: 'text' },
  ),
  sql(
    'A24',
    'a column list',
    'alter publication auth_pub set table users (id, name), orders, sessions;',
    breaks(incomplete, 'public.users', 'reports'),
    { seenBy: 'text' },
  ),
  sql(
    'A25',
    'a row filter on a column outside the replica identity',
    `alter publication auth_pub set table users where (name <> 'x'), orders, sessions;`,
    breaks(identity, 'public.users', 'primary'),
    { seenBy: 'topology' },
  ),
  sql(
    'A26',
    'a table is taken out of the publication',
    'alter publication auth_pub drop table orders;',
    breaks(incomplete, 'public.orders', 'reports'),
    { seenBy: 'text' },
  ),
  sql(
    'A27',
    'the publication is dropped: all views stay green',
    'drop publication auth_pub;',
    breaks(incomplete, 'publication auth_pub', 'reports'),
    { seenBy: 'text' },
  ),
  sql(
    'A28',
    'a trigger of the subscriber fires for replicated rows',
    `-- antemortem:on reports\ncreate function mask() returns trigger language plpgsql as $$ begin new.name := 'x'; return new; end $$;\ncreate trigger mask before insert or update on users for each row execute function mask();\nalter table users enable always trigger mask;`,
    breaks('replication/divergence', 'public.users', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A28b',
    'an ordinary trigger on the subscriber, which replicated rows do not fire',
    `-- antemortem:on reports\ncreate function note() returns trigger language plpgsql as $$ begin return new; end $$;\ncreate trigger note before insert on users for each row execute function note();`,
    null,
    { seenBy: 'topology' },
  ),
  sql(
    'A29',
    'row security on the subscriber, whose subscription belongs to no superuser',
    '-- antemortem:on reports\nalter table users enable row level security;\nalter table users force row level security;',
    breaks(conflict, 'public.users', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A31',
    'a row of the subscriber itself, whose key comes later',
    `-- antemortem:on reports\ninsert into users (id, name, password_hash) values (100000, 'a', 'b');`,
    breaks(conflict, 'public.users', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A32',
    'rows are deleted on the subscriber',
    '-- antemortem:on reports\ndelete from users where id < 10;',
    breaks(['replication/divergence', conflict], 'public.users', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A33',
    'rows are changed on the subscriber',
    `-- antemortem:on reports\nupdate users set name = 'y' where id = 7;`,
    breaks(['replication/divergence', conflict], 'public.users', 'reports'),
    { seenBy: 'topology' },
  ),
  sql(
    'A34',
    'several rows of the subscriber itself',
    `-- antemortem:on reports\ninsert into users (id, name, password_hash) values (100001, 'a1', 'b'), (100002, 'a2', 'b');`,
    breaks(conflict, 'public.users', 'reports'),
    { seenBy: 'topology' },
  ),
  sql('A35', 'a published table becomes unlogged: the server refuses', 'alter table users set unlogged;', null, {
    seenBy: 'topology',
    mayWarn: true,
  }),
  sql(
    'A36',
    'a table gets another name on the publisher',
    'alter table orders rename to purchases;',
    breaks(drift, 'public.orders', 'reports'),
    { seenBy: 'text' },
  ),
  sql(
    'A37',
    'a published table is dropped',
    'drop table orders;',
    breaks('integrity/data-deleted', 'public.orders', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'A38',
    'an unlogged table: unreadable on the standby, empty after a crash',
    'create unlogged table cart (id int primary key, what text);',
    breaks(incomplete, 'public.cart', 'standby'),
    { seenBy: 'text' },
  ),
  sql(
    'A39',
    'the key of a table becomes text',
    'alter table notes alter column id type text;',
    breaks('application/error', 'public.notes', 'primary'),
    {
      seenBy: 'text',
      given: [
        ['primary', 'create table notes (id int primary key, what text)'],
        ['reports', 'create table notes (id int primary key, what text)'],
      ],
    },
  ),
  sql(
    'A41',
    'a column on the subscriber first, then on the publisher',
    '-- antemortem:on reports\nalter table users add column phone text;\n-- antemortem:on primary\nalter table users add column phone text;',
    null,
    { seenBy: 'topology' },
  ),
  sql(
    'A42',
    'a column on the publisher first, then on the subscriber: errors that heal',
    '-- antemortem:on primary\nalter table users add column phone text;\n-- antemortem:on reports\nalter table users add column phone text;',
    null,
    { seenBy: 'topology', mayWarn: true },
  ),
  sql(
    'A43',
    'row security on the publisher without a policy, for its owner, too: the application finds no row, and no statement fails',
    'alter table users enable row level security;\nalter table users force row level security;',
    breaks('application/error', 'public.users', 'primary'),
    { seenBy: 'text' },
  ),
  sql(
    'A44',
    'a block drops the publication',
    `do $$ begin if exists (select from pg_publication where pubname = 'auth_pub') then execute 'drop publication auth_pub'; end if; end $$;`,
    breaks(incomplete, 'publication auth_pub', 'reports'),
    { seenBy: 'text' },
  ),
]
