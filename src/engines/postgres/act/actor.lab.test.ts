import { createServer, type AddressInfo } from 'node:net'
import { beforeEach, expect, test } from 'vitest'
import type { Lab } from '../../../lab/lab.ts'
import { testLab } from '../../../lab/testing.ts'
import { withActor, type Actor } from './actor.ts'
import { copyState, hasRows, refreshSubscription } from './carry-table.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

interface Wishes {
  readonly node?: string
  readonly as?: 'admin' | 'watch'
  readonly deadlineMs?: number
  readonly about?: string
  readonly signal?: AbortSignal
}

const act = async <T>(work: (actor: Actor) => Promise<T>, wishes: Wishes = {}): Promise<T> => {
  const { node = 'primary', as = 'admin', deadlineMs = 5_000, about = 'public.users' } = wishes
  const signal = wishes.signal ?? new AbortController().signal
  return withActor(node, lab.url(node, as), { signal, deadlineMs, about }, work)
}

const what = { schema: 'public', table: 'users', publication: 'auth_pub', subscription: 'reports_sub' }
const acting = `select pid from pg_stat_activity where application_name = 'antemortem-act'`

test("the acting session has its own settings, whatever the server and the role say, and the step's time", async () => {
  await lab.rows('primary', 'alter role postgres set default_transaction_read_only = on')
  await lab.rows('primary', 'alter role postgres set search_path = nowhere')
  await lab.rows('primary', 'alter role postgres set lock_timeout = 0')
  await lab.rows('primary', 'alter role postgres set row_security = on')
  const names = ['application_name', 'lock_timeout', 'search_path', 'row_security', 'default_transaction_read_only']
  const [row] = await act(async (actor) =>
    actor.run({ text: `select ${names.map((name) => `current_setting('${name}') as ${name}`).join(', ')}` }),
  )
  expect(row).toEqual({
    application_name: 'antemortem-act',
    lock_timeout: '2s',
    search_path: 'pg_catalog',
    row_security: 'off',
    default_transaction_read_only: 'off',
  })
  const leftMs = await act(async (actor) => {
    const [first] = await actor.run({
      text: `select setting::int as ms from pg_settings where name = 'statement_timeout'`,
    })
    return Number(Reflect.get(Object(first), 'ms'))
  })
  expect(leftMs).toBeGreaterThan(1_000)
  expect(leftMs).toBeLessThan(4_000)
  expect(await lab.rows('primary', acting)).toEqual([])
})

test('a lock that somebody holds is waited for two seconds, and told as what it is', async () => {
  const held = lab.rows('primary', 'begin; lock table users; select pg_sleep(50)').catch(() => undefined)
  const holder = `select pid from pg_locks where relation = 'users'::regclass and mode = 'AccessExclusiveLock' and granted`
  await expect.poll(async () => lab.rows('primary', holder)).toHaveLength(1)
  const startedMs = performance.now()
  await expect(act(async (actor) => hasRows(actor, what), { deadlineMs: 15_000 })).rejects.toMatchObject({
    code: 'act-refused',
    exit: 4,
    message: expect.stringContaining('lock timeout'),
    hint: expect.stringContaining('pg_locks'),
  })
  expect(performance.now() - startedMs).toBeLessThan(4_000)
  await lab.rows('primary', `select pg_terminate_backend(pid) from (${holder}) h`)
  await held
})

test('a refresh whose publisher accepts and says nothing is ended by the server in time, and changes nothing', async () => {
  await lab.rows('primary', 'create table more (id int primary key)')
  await lab.rows('reports', 'create table more (id int primary key)')
  await lab.rows('primary', 'alter publication auth_pub add table more')
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve))
  // Listening on a port, its address is no text.
  const { port } = silent.address() as AddressInfo
  await lab.rows('reports', `alter subscription reports_sub connection 'host=127.0.0.1 port=${port} dbname=auth'`)
  const startedMs = performance.now()
  await expect(
    act(async (actor) => refreshSubscription(actor, what), { node: 'reports', deadlineMs: 3_000 }),
  ).rejects.toMatchObject({ code: 'act-timed-out', message: expect.stringContaining('statement timeout') })
  expect(performance.now() - startedMs).toBeLessThan(3_000)
  expect(await act(async (actor) => copyState(actor, { ...what, table: 'more' }), { node: 'reports' })).toBeNull()
  silent.close()
})

test('what an aborted attempt left running on the server has taken effect before anybody else looks', async () => {
  const stop = new AbortController()
  const left = act(
    async (actor) => {
      setTimeout(() => stop.abort(new Error('killed')), 200)
      return actor.run({ text: 'select pg_sleep(1.5); create table public.late ()' })
    },
    { signal: stop.signal },
  )
  await expect(left).rejects.toThrow('killed')
  expect(await lab.rows('primary', acting)).toHaveLength(1)
  const late = `select to_regclass('public.late') is not null as is`
  expect(await lab.rows('primary', late)).toEqual([{ is: false }])
  expect(await act(async (actor) => actor.run({ text: late }))).toEqual([{ is: true }])
})

test('two attempts on one table are never on a server together; on two tables they are', async () => {
  await act(async () => {
    await expect(act(async () => undefined, { deadlineMs: 1_500 })).rejects.toMatchObject({
      code: 'act-busy',
      message: 'primary: an earlier attempt on public.users is still at work there',
    })
    expect(await act(async () => 'in', { about: 'public.orders' })).toBe('in')
    expect(await act(async () => 'in', { node: 'reports' })).toBe('in')
  })
})

test('rows that a policy would hide are refused, not overlooked', async () => {
  await lab.rows('primary', 'alter table users enable row level security')
  await expect(act(async (actor) => hasRows(actor, what), { as: 'watch' })).rejects.toMatchObject({
    code: 'act-refused',
    message: expect.stringContaining('row-level security policy'),
    hint: expect.stringContaining('acting role'),
  })
  expect(await act(async (actor) => hasRows(actor, what))).toBe(true)
})

test('a subscription of the same name in another database is another subscription', async () => {
  await lab.rows('reports', 'create database other')
  const other = lab.url('reports', 'admin').replace(/auth$/, 'other')
  const options = { signal: new AbortController().signal, deadlineMs: 5_000, about: 'public.users' }
  expect(await act(async (actor) => copyState(actor, what), { node: 'reports' })).toBe('r')
  expect(await withActor('reports', other, options, async (actor) => copyState(actor, what))).toBeNull()
})
