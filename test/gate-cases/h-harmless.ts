import type { GateCase } from './case.ts'

/** As migrations are written every day: an application's own schema that nobody subscribes to, and carried tables in the right order. */
const own = [
  ['primary', 'create schema shop'],
  [
    'primary',
    'create table shop.products (id bigint primary key, name varchar(100) not null, price numeric(10, 2), sold int default 0)',
  ],
  ['primary', 'create table shop.customers (id int primary key, email text, city text)'],
  ['primary', `create type shop.state as enum ('new', 'paid')`],
  [
    'primary',
    'create table shop.purchases (id int primary key, customer_id int, product_id bigint, state shop.state, at timestamptz)',
  ],
  ['primary', 'create view shop.cities as select distinct city from shop.customers'],
  ['primary', 'create role seller login'],
  ['primary', 'create role reader'],
] as const

const both = (change: string): string => `-- antemortem:on reports\n${change}\n-- antemortem:on primary\n${change}`

const texts: readonly (readonly [title: string, text: string])[] = [
  [
    'a new table with a key',
    'create table shop.tags (id bigint generated always as identity primary key, name text not null unique);',
  ],
  [
    'a new table if it is not there',
    'create table if not exists shop.labels (id serial primary key, label varchar(50));',
  ],
  [
    'a table and its index, made together',
    'create table shop.visits (id bigserial primary key, at timestamptz not null default now());\ncreate index visits_at on shop.visits (at);',
  ],
  [
    'a table that refers to another',
    'create table shop.baskets (id int primary key, customer_id int not null references shop.customers (id) on delete cascade);',
  ],
  ['a column that may be null', 'alter table shop.customers add column phone text;'],
  ['a column, if it is not there', 'alter table shop.customers add column if not exists phone text;'],
  ['a column with a constant default', 'alter table shop.customers add column active boolean not null default true;'],
  [
    'a column with the time of the change',
    'alter table shop.customers add column created_at timestamptz default now();',
  ],
  ['two columns at once', 'alter table shop.products add column width int, add column height int;'],
  ['a longer text', 'alter table shop.products alter column name type varchar(200);'],
  ['a text without end', 'alter table shop.products alter column name type text;'],
  ['another default', 'alter table shop.products alter column sold set default 1;'],
  ['no default', 'alter table shop.products alter column sold drop default;'],
  ['a column that may be null now', 'alter table shop.products alter column name drop not null;'],
  ['an index that lets writers go on', 'create index concurrently products_name on shop.products (name);'],
  [
    'an index that lets writers go on, if it is not there',
    'create index concurrently if not exists customers_city on shop.customers (city);',
  ],
  ['a partial index', `create index concurrently purchases_new on shop.purchases (at) where state = 'new';`],
  [
    'a foreign key in two steps',
    'alter table shop.purchases add constraint purchases_customer foreign key (customer_id) references shop.customers (id) not valid;\nalter table shop.purchases validate constraint purchases_customer;',
  ],
  [
    'a check in two steps',
    'alter table shop.products add constraint price_positive check (price >= 0) not valid;\nalter table shop.products validate constraint price_positive;',
  ],
  [
    'not null by way of a check',
    'alter table shop.customers add constraint email_there check (email is not null) not valid;\nalter table shop.customers validate constraint email_there;',
  ],
  ['a view', "create view shop.recent as select id, at from shop.purchases where at > now() - interval '1 day';"],
  [
    'a view is written anew',
    'create or replace view shop.cities as select distinct city from shop.customers where city is not null;',
  ],
  [
    'a materialized view',
    'create materialized view shop.totals as select product_id, count(*) as n from shop.purchases group by product_id;',
  ],
  ['a function', 'create or replace function shop.one() returns int language sql immutable as $$ select 1 $$;'],
  [
    'a function that mentions dangerous words',
    `create or replace function shop.clean() returns void language plpgsql as $$ begin delete from shop.customers where city is null; end $$;`,
  ],
  [
    'a trigger that keeps a time',
    `create function shop.touch() returns trigger language plpgsql as $$ begin new.at := now(); return new; end $$;\ncreate trigger touch before update on shop.purchases for each row execute function shop.touch();`,
  ],
  ['a new type', `create type shop.colour as enum ('red', 'green');`],
  ['a domain', `create domain shop.email as text check (value like '%@%');`],
  ['a value of an enum that nobody subscribes to', `alter type shop.state add value if not exists 'sent';`],
  ['a sequence', 'create sequence shop.numbers start 1000;'],
  ['a comment', `comment on table shop.customers is 'who buys';`],
  ['a comment on a column', `comment on column users.name is 'as typed';`],
  ['a grant', 'grant select, insert, update on shop.products to seller;'],
  [
    'a grant of a schema',
    'grant usage on schema shop to reader;\ngrant select on all tables in schema shop to reader;',
  ],
  ['default privileges', 'alter default privileges in schema shop grant select on tables to reader;'],
  ['a role without login', 'create role auditors nologin;'],
  ['a role with login', `create role worker login password 'x';\ngrant seller to worker;`],
  ['a schema', 'create schema if not exists archive;'],
  [
    'a row of reference data',
    `insert into shop.products (id, name, price) values (1, 'pen', 1.20) on conflict do nothing;`,
  ],
  [
    'rows of reference data, on conflict changed',
    `insert into shop.products (id, name, price) values (1, 'pen', 1.30) on conflict (id) do update set price = excluded.price;`,
  ],
  ['an update of some rows', `update shop.customers set city = 'Bern' where city = 'Berne';`],
  ['a backfill in pieces', 'update shop.products set sold = 0 where sold is null and id between 1 and 1000;'],
  ['a delete of some rows', `delete from shop.purchases where at < now() - interval '7 years';`],
  ['a constraint gets another name', 'alter table shop.products rename constraint products_pkey to products_key;'],
  ['an index gets another name', 'alter index shop.products_pkey rename to products_id;'],
  ['an index is dropped, and lets everybody go on', 'drop index concurrently if exists shop.products_old;'],
  ['statistics', 'analyze shop.products;'],
  ['a target for statistics', 'alter table shop.products alter column name set statistics 500;'],
  ['a fill factor', 'alter table shop.purchases set (fillfactor = 90);'],
  ['autovacuum sooner', 'alter table shop.purchases set (autovacuum_vacuum_scale_factor = 0.02);'],
  [
    'a lock timeout, as the advice goes',
    `set lock_timeout = '2s';\nset statement_timeout = '60s';\nalter table shop.customers add column note text;`,
  ],
  [
    'a transaction',
    'begin;\nalter table shop.customers add column zip text;\ncreate table shop.zips (zip text primary key);\ncommit;',
  ],
  [
    'a table for the migration tool itself',
    'create table if not exists shop.schema_migrations (version bigint primary key, dirty boolean not null);\ninsert into shop.schema_migrations (version, dirty) values (42, false);',
  ],
  ['an extension that comes with the server', 'create extension if not exists pgcrypto;'],
  [
    'a contained check of another kind',
    `do $$ begin if not exists (select 1 from pg_type where typname = 'level') then create type shop.level as enum ('low'); end if; end $$;`,
  ],
  [
    'a virtual generated column',
    'alter table shop.products add column double_price numeric generated always as (price * 2) virtual;',
  ],
  [
    'a partitioned table with its partition',
    `create table shop.log (at date not null, what text) partition by range (at);\ncreate table shop.log_26 partition of shop.log for values from ('2026-01-01') to ('2027-01-01');`,
  ],
  [
    'a temporary table for the migration',
    'create temporary table moved as select id from shop.products;\ndrop table moved;',
  ],
  [
    'row security with its policy',
    'alter table shop.customers enable row level security;\ncreate policy everyone on shop.customers using (true);',
  ],
  [
    'a unique constraint from an index',
    'create unique index concurrently customers_email on shop.customers (email);\nalter table shop.customers add constraint customers_email unique using index customers_email;',
  ],
  ['a carried column, the subscriber first', both('alter table users add column nickname text;')],
  [
    'a carried column with a default, the subscriber first',
    both("alter table orders add column currency text not null default 'EUR';"),
  ],
  [
    'a new table that is carried',
    '-- antemortem:on reports\ncreate table coupons (id int primary key, code text);\n-- antemortem:on primary\ncreate table coupons (id int primary key, code text);\nalter publication auth_pub add table coupons;\n-- antemortem:on reports\nalter subscription reports_sub refresh publication;',
  ],
  [
    'an index of a report, on the subscriber alone',
    '-- antemortem:on reports\ncreate index concurrently orders_placed on orders (placed_at);',
  ],
  [
    'a table of a report, on the subscriber alone',
    '-- antemortem:on reports\ncreate schema report;\ncreate table report.daily (day date primary key, total numeric);\ninsert into report.daily select placed_at::date, sum(amount) from orders group by 1;',
  ],
  ['rows of a carried table, on the primary', `update users set name = 'user-7' where id = 7;`],
]

const confs: readonly (readonly [title: string, text: string])[] = [
  ['more memory for sorts', 'work_mem = 16MB'],
  ['slow statements are logged', 'log_min_duration_statement = 500'],
  ['an eager autovacuum', 'autovacuum_vacuum_scale_factor = 0.05\nautovacuum_naptime = 30s'],
  ['a sensible timeout', 'idle_in_transaction_session_timeout = 5min\nstatement_timeout = 60s'],
  ['checkpoints', 'checkpoint_timeout = 15min\nmax_wal_size = 4GB'],
]

export const harmlessCases: readonly GateCase[] = [
  ...texts.map(([title, text], n): GateCase => ({
    id: `H${String(n + 1).padStart(2, '0')}`,
    title,
    given: own,
    files: [{ name: `H${String(n + 1).padStart(2, '0')}.sql`, text: `${text}\n` }],
    breaks: null,
    seenBy: 'nothing',
  })),
  ...confs.map(([title, text], n): GateCase => ({
    id: `H9${n + 1}`,
    title,
    files: [{ name: `H9${n + 1}/postgresql.conf`, text: `${text}\n` }],
    breaks: null,
    seenBy: 'nothing',
  })),
]
