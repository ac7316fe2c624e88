import { afterAll, expect, test } from 'vitest'
import { testLab } from '../../lab/testing.ts'
import type { FactKey } from '../../core/facts/postgres/index.ts'
import type { NodeLink } from './connect.ts'
import { sampleSlow } from './sample.ts'
import { closeLabs, labOf, majors, options, run, value, why, withLink } from './testing/looking.ts'

afterAll(closeLabs)

const read = async <K extends FactKey>(link: NodeLink, key: K) =>
  value((await sampleSlow(link, { ...options, only: [key] })).facts, key)

test.for(majors)(
  'on %d a function names the indexes that call it, and a replaced one differs',
  async (major, { skip }) => {
    const lab = await labOf(major, skip)
    const norm = (body: string) =>
      `create or replace function norm(name text) returns text language sql immutable return ${body}`
    await run(lab, 'primary', [
      norm('lower(name)'),
      'create unique index users_norm_key on users (norm(name)) where norm(name) is not null',
      `create function norm(name text, how int) returns text language plpgsql stable as $$ begin return name; end $$`,
      `create procedure tidy() language sql as 'select 1'`,
      'create aggregate most(int) (sfunc = int4larger, stype = int)',
    ])
    await withLink(lab, 'primary', async (link) => {
      const before = await read(link, 'functions')
      expect(before).toMatchObject([
        {
          schema: 'public',
          name: 'norm',
          arguments: 'name text',
          volatility: 'immutable',
          indexes: ['public.users_norm_key'],
        },
        { name: 'norm', arguments: 'name text, how integer', volatility: 'stable', indexes: [] },
        { name: 'tidy', arguments: '', volatility: 'volatile' },
      ])
      expect(await read(link, 'functions')).toEqual(before)
      await run(lab, 'primary', [norm('upper(name)')])
      const after = await read(link, 'functions')
      expect(after[0]?.digest).not.toBe(before[0]?.digest)
      expect(after.slice(1)).toEqual(before.slice(1))
      await run(lab, 'primary', ['alter procedure tidy() set work_mem = 64'])
      expect((await read(link, 'functions'))[2]?.digest).not.toBe(before[2]?.digest)
    })
  },
)

test.for(majors)(
  'on %d a trigger is read with its state; those of foreign keys are nobody’s',
  async (major, { skip }) => {
    const lab = await labOf(major, skip)
    const make = (when: string) =>
      `create or replace trigger audit before update of name on users for each row when (${when}) execute function noted()`
    await run(lab, 'primary', [
      `create function noted() returns trigger language plpgsql as $$ begin return new; end $$`,
      make('old.name <> new.name'),
    ])
    await withLink(lab, 'primary', async (link) => {
      const [first] = await read(link, 'triggers')
      expect(await read(link, 'triggers')).toEqual([
        {
          schema: 'public',
          table: 'users',
          name: 'audit',
          enabled: 'O',
          digest: expect.stringMatching(/^[0-9a-f]{32}$/),
        },
      ])
      for (const [word, enabled] of [
        ['disable', 'D'],
        ['enable replica', 'R'],
        ['enable always', 'A'],
      ] as const) {
        await run(lab, 'primary', [`alter table users ${word} trigger audit`])
        expect(await read(link, 'triggers')).toMatchObject([{ enabled, digest: first?.digest }])
      }
      await run(lab, 'primary', [make('old.name = new.name')])
      expect((await read(link, 'triggers'))[0]?.digest).not.toBe(first?.digest)
    })
  },
)

test.for(majors)('on %d an index that broke is told from one that is being built', async (major, { skip }) => {
  const lab = await labOf(major, skip)
  await withLink(lab, 'primary', async (link) => {
    expect(await read(link, 'badIndexes')).toEqual([])
    await expect(
      lab.rows('primary', 'create unique index concurrently orders_twice on orders (user_id)'),
    ).rejects.toThrow(/could not create unique index/)
    const broken = { schema: 'public', table: 'orders', name: 'orders_twice', isUnique: true, isBuilding: false }
    expect(await read(link, 'badIndexes')).toEqual([broken])
    // It waits for this transaction to end before it is valid.
    const holds = lab.rows('primary', 'begin; select count(*) from orders; select pg_sleep(60)')
    holds.catch(() => undefined)
    const sleeps = `select pid from pg_stat_activity where query like '%pg_sleep(60)%' and wait_event = 'PgSleep'`
    await expect.poll(async () => (await lab.rows('primary', sleeps)).length, { timeout: 5000 }).toBe(1)
    const built = lab.rows('primary', 'create index concurrently orders_amount on orders (amount)')
    await expect
      .poll(async () => read(link, 'badIndexes'), { timeout: 10_000 })
      .toEqual([{ ...broken, name: 'orders_amount', isUnique: false, isBuilding: true }, broken])
    await lab.rows('primary', `select pg_terminate_backend(pid) from (${sleeps}) s`)
    await built
    expect(await read(link, 'badIndexes')).toEqual([broken])
  })
})

test.for(majors)(
  'on %d a sequence is read with the column that it feeds, on a standby too',
  async (major, { skip }) => {
    const lab = await labOf(major, skip)
    await run(lab, 'primary', [
      'create sequence by_default as int increment 5',
      `create table owns (id serial, other int default nextval('by_default'))`,
      'create sequence alone maxvalue 100',
      'create unlogged table fast (id bigserial)',
      `select setval('by_default', 40), setval('alone', 99), setval('fast_id_seq', 3)`,
      'grant select on all sequences in schema public to antemortem',
      'create temp sequence scratch',
    ])
    await lab.caughtUp()
    await withLink(lab, 'primary', async (link) => {
      const all = await read(link, 'sequences')
      expect(
        all.map(({ name, column }) => [name, column && `${column.schema}.${column.table}.${column.name}`]),
      ).toEqual([
        ['alone', null],
        ['by_default', 'public.owns.other'],
        ['fast_id_seq', 'public.fast.id'],
        ['orders_id_seq', 'public.orders.id'],
        ['owns_id_seq', 'public.owns.id'],
      ])
      const of = (name: string) => all.find((one) => one.name === name)
      expect(of('alone')).toMatchObject({ lastValue: '99', maxValue: '100', increment: 1 })
      expect(of('by_default')).toMatchObject({ lastValue: '40', maxValue: '2147483647', increment: 5 })
      expect(of('owns_id_seq')).toMatchObject({ lastValue: null })
      expect(of('orders_id_seq')).toMatchObject({ lastValue: '2000', maxValue: '9223372036854775807' })
    })
    await withLink(lab, 'standby', async (link) => {
      const all = await read(link, 'sequences')
      expect(all.find(({ name }) => name === 'alone')).toMatchObject({ lastValue: '99' })
      expect(all.find(({ name }) => name === 'fast_id_seq')).toMatchObject({ lastValue: null })
    })
  },
)

test('so many sequences that reading them would use up the locks are not read, and that is said', async () => {
  const lab = await testLab()
  await run(lab, 'primary', [`do $$ begin for i in 1..1000 loop execute 'create sequence many' || i; end loop; end $$`])
  await withLink(lab, 'primary', async (link) => {
    const { facts } = await sampleSlow(link, options)
    expect(facts.sequences).toMatchObject({
      seen: false,
      detail: 'there are more than 1000 sequences: so many are not read',
    })
    expect(Object.keys(why(facts))).toEqual(['sequences'])
  })
})

test('a table under DDL holds up none of these; a version of an extension is read', async () => {
  const lab = await testLab()
  await run(lab, 'primary', [
    `create function noted() returns trigger language plpgsql as $$ begin return new; end $$`,
    'create trigger audit before update on users for each row when (old.name <> new.name) execute function noted()',
    'create function counted() returns bigint language sql stable begin atomic; select count(*) from users; end',
  ])
  const holds = lab.rows('primary', 'begin; lock table users, orders in access exclusive mode; select pg_sleep(60)')
  holds.catch(() => undefined)
  const locked = `select pid from pg_locks where relation = 'users'::regclass and mode = 'AccessExclusiveLock' and granted`
  await expect.poll(async () => (await lab.rows('primary', locked)).length, { timeout: 5000 }).toBe(1)
  await withLink(lab, 'primary', async (link) => {
    const only = ['functions', 'triggers', 'badIndexes', 'sequences', 'extensions', 'privileges', 'roles'] as const
    const { facts, tookMs } = await sampleSlow(link, { ...options, only })
    expect(why(facts)).toEqual({})
    expect(tookMs).toBeLessThan(250)
    expect(value(facts, 'extensions')).toEqual([{ name: 'plpgsql', version: '1.0' }])
  })
  await lab.rows('primary', `select pg_terminate_backend(pid) from (${locked}) l`)
})
