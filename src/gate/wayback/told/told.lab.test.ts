import { beforeEach, expect, test } from 'vitest'
import { node } from '../../../../test/builders.ts'
import type { ClusterConfig } from '../../../core/configuration.ts'
import type { Snapshot } from '../../../core/snapshot.ts'
import type { Lab } from '../../../lab/lab.ts'
import { testLab } from '../../../lab/testing.ts'
import { lookAtCluster } from '../../apply/reach.ts'
import { clusterWithContract } from '../../apply/testing/applying.ts'
import { scratch } from '../../../store/testing/scratch.ts'
import { readChange } from '../../change/read-change.ts'
import { beforeOf } from '../before.ts'
import { inverseOf } from '../inverse.ts'
import { askBefore } from './ask.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

const objects = `create role reader; create role writer connection limit 7; create role boss;
grant reader to writer with admin option;
create schema shop; create sequence shop.numbers;
create table shop.things (id int primary key, name text, price int constraint positive check (price > 0), unique (name));
comment on table shop.things is 'it''s things'; comment on column shop.things.price is 'in cents';
grant select on shop.things to reader with grant option; grant update (name) on shop.things to reader;
grant insert on shop.things to writer;
create index by_price on shop.things (price) where price > 5; create unique index "Odd" on shop.things (lower(name));
create function shop.twice(a int, variadic b text[] default '{}', out c int) language sql immutable set work_mem = '5MB' as 'select a * 2';
revoke execute on function shop.twice from public; grant execute on function shop.twice to reader;
create procedure shop.noop(a int) language sql as 'select 1';
create view shop.cheap with (security_barrier) as select id, name from shop.things where price < 9;
grant select on shop.cheap to writer; comment on view shop.cheap is 'cheap ones'; alter view shop.cheap owner to boss;
create function shop.fired() returns trigger language plpgsql as 'begin return new; end';
create trigger watched before insert on shop.things for each row execute function shop.fired();
alter table shop.things enable always trigger watched;
alter role writer valid until '2099-01-01'; comment on schema shop is 'the shop';
create view shop.plain as select 1 as one;
create sequence shop.owned start 5 increment 2 cycle owned by shop.things.id; create schema "Empty one";
alter table shop.things enable row level security;
create policy own on shop.things for update to reader, writer using (price > (select min(price) from shop.things));
create policy strict on shop.things as restrictive using (true) with check (name <> 'it''s'); comment on policy strict on shop.things is 'hard';
alter default privileges in schema shop grant select on tables to reader with grant option;
alter default privileges in schema shop grant execute on functions to writer;
alter default privileges for role boss revoke execute on functions from public;`

/** All that these statements can touch, as one text. */
const catalog = `select row_to_json(t)::text as line from (
  select 'relation' as what, c.oid::regclass::text as name, pg_get_userbyid(relowner) as owner,
    (select array_agg(a::text order by a::text) from unnest(coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r'::"char" end, relowner))) a) as acl,
    obj_description(c.oid) as comment, reloptions::text as more,
    case relkind when 'v' then pg_get_viewdef(c.oid) when 'i' then pg_get_indexdef(c.oid) end as definition
  from pg_class c where relnamespace = 'shop'::regnamespace
  union all select 'column', attrelid::regclass || '.' || attname, null,
    (select array_agg(a::text order by a::text) from unnest(attacl) a), col_description(attrelid, attnum), attnotnull::text, null
  from pg_attribute where attrelid = 'shop.things'::regclass and attnum > 0 and not attisdropped
  union all select 'constraint', conname, null, null, null, null, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'shop.things'::regclass
  union all select 'trigger', tgname, null, null, null, tgenabled::text, pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'shop.things'::regclass
  union all select 'function', proname, pg_get_userbyid(proowner),
    (select array_agg(a::text order by a::text) from unnest(coalesce(proacl, acldefault('f', proowner))) a), obj_description(oid), null, pg_get_functiondef(oid)
  from pg_proc where pronamespace = 'shop'::regnamespace
  union all select 'role', rolname, null, null, rolvaliduntil::text, concat(rolconnlimit, rolcanlogin, rolcreatedb), null from pg_roles where rolname in ('reader', 'writer', 'boss')
  union all select 'member', roleid::regrole::text, member::regrole::text, null, null, concat(admin_option, inherit_option, set_option), null
  from pg_auth_members where roleid in ('reader'::regrole, 'boss'::regrole)
  union all select 'schema', nspname, pg_get_userbyid(nspowner),
    (select array_agg(a::text order by a::text) from unnest(coalesce(nspacl, acldefault('n', nspowner))) a), obj_description(oid), null, null
  from pg_namespace where nspname = 'shop'
  union all select 'policy', polname, polroles::regrole[]::text, null, obj_description(oid, 'pg_policy'), concat(polpermissive, polcmd),
    concat(pg_get_expr(polqual, polrelid), ' check ', pg_get_expr(polwithcheck, polrelid)) from pg_policy
  union all select 'row security', relname, null, null, null, concat(relrowsecurity, relforcerowsecurity), null
  from pg_class where relnamespace = 'shop'::regnamespace and relkind = 'r'
  union all select 'default', concat(defaclrole::regrole, defaclobjtype), concat(defaclnamespace),
    (select array_agg(a::text order by a::text) from unnest(defaclacl) a), null, null, null from pg_default_acl
  union all select 'sequence', concat(schemaname, '.', sequencename), sequenceowner, null, last_value::text,
    concat_ws(' ', data_type, start_value, min_value, max_value, increment_by, cycle, cache_size),
    (select concat(refobjid::regclass, refobjsubid) from pg_depend where objid = format('%I.%I', schemaname, sequencename)::regclass and deptype = 'a')
  from pg_sequences where schemaname = 'shop'
  union all select 'subscription', subname, subpublications::text, null, subsynccommit, concat(subbinary, substream, subdisableonerr, suborigin), null
  from pg_subscription
  order by 1, 2, 3) t`

const lines = async (on: string): Promise<readonly string[]> =>
  (await lab.rows(on, catalog)).map((row) => String(row['line']))

const onPrimary = [
  'grant all on shop.things to reader, writer',
  'revoke all on shop.things from reader cascade',
  'grant usage on shop.numbers to writer',
  'grant select on shop.things to public',
  'grant usage, create on schema shop to reader',
  'grant execute on function shop.twice to writer, public',
  'revoke execute on function shop.twice(int, text[]) from reader',
  'revoke reader from writer',
  'revoke admin option for reader from writer',
  'grant boss to reader',
  'alter role writer login connection limit 3 valid until $$2098-01-01$$ createdb',
  `comment on table shop.things is 'other'`,
  'comment on column shop.things.price is null',
  `comment on column shop.things.name is E'new\\n'`,
  `comment on schema shop is $x$other$x$`,
  `comment on procedure shop.noop(int) is 'nothing'`,
  `create or replace function shop.twice(a int, variadic b text[] default '{}', out c int) language sql volatile as 'select 7'`,
  `create or replace function shop.thrice(a int) returns int language sql as 'select 3'`,
  `create procedure shop.more() language sql as 'select 3'`,
  'drop procedure shop.noop',
  'drop function shop.twice(int, text[])',
  'drop function if exists shop.absent(int)',
  'create or replace view shop.cheap as select id, name, price from shop.things',
  'create or replace view shop.dear as select id from shop.things',
  'drop view shop.cheap',
  'drop view shop.plain',
  'drop index shop.by_price',
  'drop index concurrently if exists shop."Odd"',
  'drop trigger watched on shop.things',
  'alter schema shop owner to boss',
  'alter table shop.things owner to boss',
  'alter view shop.cheap owner to reader',
  'alter function shop.fired() owner to boss',
  'alter table shop.things drop constraint positive, alter column price set not null',
  'alter table shop.things drop constraint things_name_key',
  'alter table shop.things disable trigger watched',
  'create policy another on shop.things for insert with check (true)',
  'alter policy own on shop.things to public',
  'alter policy own on shop.things using (true) with check (price > 1)',
  'alter policy strict on shop.things using (false)',
  'alter policy strict on shop.things rename to stricter',
  `comment on policy strict on shop.things is 'soft'`,
  'drop policy strict on shop.things',
  'drop policy if exists absent on shop.things',
  'alter table shop.things disable row level security',
  'alter table shop.things force row level security, drop constraint positive',
  'alter table shop.things enable row level security',
  'alter default privileges in schema shop grant select, insert on tables to reader, writer',
  'alter default privileges in schema shop revoke grant option for select on tables from reader',
  'alter default privileges in schema shop, public grant usage on sequences to public',
  'alter default privileges revoke execute on functions from public',
  'alter default privileges for role boss grant execute on functions to public',
  'alter default privileges for role boss, writer grant usage on schemas to reader',
  'grant all on all tables in schema shop to writer, public',
  'revoke all on all tables in schema shop from reader cascade',
  'grant select on all sequences in schema shop to reader with grant option',
  'revoke execute on all routines in schema shop from public, reader',
  'grant execute on all procedures in schema shop to reader',
  'grant select on all tables in schema "Empty one" to reader',
  'alter sequence shop.owned as int increment by 7 no cycle minvalue 0 maxvalue 99 start 1 cache 10 owned by none',
  'alter sequence shop.numbers owned by shop.things.price',
  'alter sequence if exists shop.absent increment by 2',
  'create sequence if not exists shop.numbers',
  'create sequence if not exists shop.more_numbers',
]

const onReports = [
  'alter subscription reports_sub set (binary = true, disable_on_error, streaming = off)',
  'alter subscription reports_sub set publication other with (refresh = false)',
]

const { signal } = new AbortController()

const inverted = async (on: string, text: string, cluster: ClusterConfig, seen: Snapshot) => {
  const [statement] = await readChange({ name: 'm.sql', text })
  if (!statement) throw new Error(text)
  const told = await askBefore(cluster, [{ statement, nodes: [on] }], signal)
  const view = seen.nodes.find(({ name }) => name === on) ?? node(on, 'primary', {})
  return inverseOf(statement, 0, beforeOf(view, { here: [statement], onPrimary: [], told }))
}

test('what stood there before is told by the catalog, and comes back whole', async () => {
  await lab.rows('primary', objects)
  await lab.rows('reports', objects)
  using at = scratch()
  const cluster = clusterWithContract(lab, at.dir)
  const seen = await lookAtCluster(cluster, signal)
  const wrong: unknown[] = []
  for (const [on, text] of [
    ...onPrimary.map((each) => ['primary', each] as const),
    ...onReports.map((each) => ['reports', each] as const),
  ]) {
    const before = await lines(on)
    const inverse = await inverted(on, text, cluster, seen)
    const isExact = 'orders' in inverse && inverse.isSurmised !== true
    await lab.rows(on, text)
    const orders = isExact ? inverse.orders.flatMap((order) => (order.kind === 'sql' ? [order.sql] : [])) : []
    const refused: string[] = []
    for (const order of orders)
      await lab.rows(on, order).catch((error: unknown) => refused.push(`${order}: ${String(error)}`))
    const after = await lines(on)
    const other = [...before.filter((line) => !after.includes(line)), ...after.filter((line) => !before.includes(line))]
    const isBack = other.length === 0
    if (!isExact || refused.length > 0 || !isBack) wrong.push([text, isExact, orders, refused, other])
    // The next one begins with what is whole.
    if (!isBack)
      await lab.reset().then(async () => Promise.all([lab.rows('primary', objects), lab.rows('reports', objects)]))
  }
  expect(wrong).toEqual([])
}, 120_000)

const none = [
  [
    'what hangs from it is not in its definition',
    'create view shop.on_it as select id from shop.cheap',
    'drop view shop.cheap',
  ],
  ['what goes along is not known', 'select 1', 'drop view shop.cheap cascade'],
  ['nobody knows what a sequence gave out meanwhile', 'select 1', 'alter sequence shop.owned restart'],
  ['nor what a dropped one did', 'select 1', 'drop sequence shop.numbers'],
  ['a password is never read', 'select 1', `alter role writer password 'x'`],
  ['what was granted to the new owner melts away', 'select 1', 'alter view shop.cheap owner to writer'],
  [
    'a key that others reference',
    'create table shop.refs (id int references shop.things)',
    'alter table shop.things drop constraint things_pkey',
  ],
] as const

test('nothing is said to take back what would not come back whole', async () => {
  await lab.rows('primary', objects)
  using at = scratch()
  const cluster = clusterWithContract(lab, at.dir)
  for (const [what, also, text] of none) {
    await lab.rows('primary', also)
    expect([what, await inverted('primary', text, cluster, await lookAtCluster(cluster, signal))]).toEqual([
      what,
      { none: expect.anything() },
    ])
  }
})
