import { beforeEach, expect, test } from 'vitest'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { waitUntil } from '../lab/wait.ts'
import { carriedIn, Mending, migrate, planFor, steps } from './testing/situation.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
  await migrate(lab)
})

const untouched = { published: 0, subscribed: 0, primary: 1000, reports: 0 }
const carried = { published: 1, subscribed: 1, primary: 1000, reports: 1000 }

const lockers = `select pid from pg_locks where mode = 'AccessExclusiveLock' and granted
  and relation = 'user_credentials'::regclass`

test('a table that somebody has locked is waited for two seconds; nothing is changed, and later the plan goes on', async () => {
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  let held: Promise<unknown> = Promise.resolve()
  let lockedMs = 0
  const lockAfter = async (said: string): Promise<void> => {
    if (said !== 'done 2') return
    held = lab.rows('primary', 'begin; lock table user_credentials; select pg_sleep(50)').catch(() => undefined)
    await expect.poll(async () => lab.rows('primary', lockers)).toHaveLength(1)
    lockedMs = performance.now()
  }
  expect(await mending.apply(plan, lockAfter)).toEqual([...steps(1, 2), 'begun 3', 'failed 3'])
  expect(performance.now() - lockedMs).toBeLessThan(4_000)
  await lab.rows('primary', `select pg_terminate_backend(pid) from (${lockers}) l`)
  const last = await mending.last(plan)
  expect(last?.output).toMatchObject({ error: expect.stringContaining('lock timeout'), effect: 'not-done' })
  await held
  expect(await carriedIn(lab)).toEqual(untouched)
  expect(await mending.resume(plan)).toEqual(steps(3, 4, 5, 6))
  expect(await carriedIn(lab)).toEqual(carried)
})

test('a subscriber that stops between two steps: the journal says what is done, and either way is open', async () => {
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  const stopAfter = async (said: string): Promise<void> => {
    if (said === 'done 3') await lab.stop('reports', 'immediate')
  }
  expect(await mending.apply(plan, stopAfter)).toEqual([...steps(1, 2, 3), 'failed 4'])
  const last = await mending.last(plan)
  expect(last?.output).toMatchObject({ refusal: 'precondition-unseen', effect: 'not-done' })
  expect(String(last?.output['error'])).toContain('ECONNREFUSED')
  await lab.start('reports')
  await lab.caughtUp()
  expect(await carriedIn(lab)).toEqual({ ...untouched, published: 1 })
  expect(await mending.undo(plan)).toEqual(steps(3, 2, 1))
  expect(await carriedIn(lab)).toEqual(untouched)
})

test('taking back needs neither a subscription that works nor one at all, where it was never refreshed', async () => {
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  const disableAfter = async (said: string): Promise<void> => {
    if (said === 'done 3') await lab.rows('reports', 'alter subscription reports_sub disable')
  }
  expect(await mending.apply(plan, disableAfter)).toEqual([...steps(1, 2, 3), 'failed 4'])
  expect((await mending.last(plan))?.output).toMatchObject({ refusal: 'subscription-disabled' })
  expect(await mending.undo(plan)).toEqual(steps(3, 2, 1))
  expect(await carriedIn(lab)).toEqual(untouched)
})

test('rows that come between the look and the refresh stop it, and nobody deletes them afterwards', async () => {
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  const writeAfter = async (said: string): Promise<void> => {
    if (said === 'done 3') await lab.rows('reports', `insert into user_credentials values (7, 'mine')`)
  }
  expect(await mending.apply(plan, writeAfter)).toEqual([...steps(1, 2, 3), 'failed 4'])
  expect((await mending.last(plan))?.output).toMatchObject({ refusal: 'rows-in-the-way' })
  expect(await mending.undo(plan)).toEqual([...steps(3, 2), 'begun 1', 'failed 1'])
  expect((await mending.lastOfUndo())?.output).toMatchObject({
    error: expect.stringContaining('keeps its rows: they were not seen to be equal to those of primary (different)'),
    effect: 'not-done',
  })
  expect(await carriedIn(lab)).toEqual({ ...untouched, reports: 1 })
})

test('rows that were changed on the subscriber after their copy are kept: they may be nowhere else', async () => {
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  await mending.apply(plan)
  // What the publisher writes is on both; what only the subscriber has is not.
  await lab.rows('primary', `insert into user_credentials values (1001, 'replicated')`)
  await lab.caughtUp()
  await lab.rows('reports', `insert into user_credentials values (2001, 'only here')`)
  expect(await mending.undo(plan)).toEqual([...steps(5, 3, 2), 'begun 1', 'failed 1'])
  expect((await mending.lastOfUndo())?.output['error']).toContain('equal to those of primary (different)')
  expect(await carriedIn(lab)).toEqual({ published: 0, subscribed: 0, primary: 1001, reports: 1002 })
})

test('rows that both have go, changed or not', async () => {
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  await mending.apply(plan)
  await lab.rows('primary', `update user_credentials set password_hash = 'new' where user_id < 100`)
  await lab.rows(
    'primary',
    `insert into user_credentials values (1001, 'x'); delete from user_credentials where user_id = 5`,
  )
  expect(await mending.undo(plan)).toEqual(steps(5, 3, 2, 1))
  expect(await carriedIn(lab)).toEqual(untouched)
})

test.each([
  [
    'trigger',
    'create trigger t after delete on user_credentials for each row execute function tsvector_update_trigger()',
  ],
  ['rule', 'create rule r as on delete to user_credentials do instead nothing'],
  [
    'foreign key',
    'create table notes (id int references user_credentials on delete cascade); insert into notes values (1)',
  ],
])('rows whose deletion would set off a %s are kept', async (what, sql) => {
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  await mending.apply(plan)
  await lab.rows('reports', sql)
  expect(await mending.undo(plan)).toEqual([...steps(5, 3, 2), 'begun 1', 'failed 1'])
  expect((await mending.lastOfUndo())?.output['error']).toContain(`to delete them would set off ${what}`)
  expect(await carriedIn(lab)).toEqual({ ...untouched, reports: 1000 })
})

test('a first copy that fails again and again is told after seconds, and can be taken back', async () => {
  await lab.rows('primary', 'alter table user_credentials add column more int')
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  const startedMs = performance.now()
  expect(await mending.apply(plan)).toEqual([...steps(1, 2, 3, 4), 'begun 5', 'failed 5'])
  expect((await mending.last(plan))?.output['error']).toMatch(
    /does not get on: workers of subscription reports_sub have failed \d times/,
  )
  expect(performance.now() - startedMs).toBeLessThan(15_000)
  expect(await mending.undo(plan)).toEqual(steps(3, 2, 1))
  expect(await carriedIn(lab)).toEqual(untouched)
})

test('a subscription that is disabled while the first copy is under way is told, and can be taken back', async () => {
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  let held: Promise<unknown> = Promise.resolve()
  const holder = `select pid from pg_locks where mode = 'ShareRowExclusiveLock' and granted`
  const meanwhile = async (said: string): Promise<void> => {
    if (said === 'done 3') {
      // It may be read, and not written.
      const lock = 'begin; lock table user_credentials in share row exclusive mode; select pg_sleep(50)'
      held = lab.rows('reports', lock).catch(() => undefined)
      await waitUntil('the lock', async () => (await lab.rows('reports', holder)).length > 0)
    }
    if (said === 'begun 5') await lab.rows('reports', 'alter subscription reports_sub disable')
  }
  expect(await mending.apply(plan, meanwhile)).toEqual([...steps(1, 2, 3, 4), 'begun 5', 'failed 5'])
  expect((await mending.last(plan))?.output['error']).toContain('was disabled while its first copy was under way')
  await lab.rows('reports', `select pg_terminate_backend(pid) from (${holder}) h`)
  await held
  // The subscription knows the table now: it must work to forget it.
  expect(await mending.undo(plan)).toEqual([...steps(3), 'failed 2'])
  expect((await mending.lastOfUndo())?.output).toMatchObject({ refusal: 'subscription-disabled', effect: 'not-done' })
  await lab.rows('reports', 'alter subscription reports_sub enable')
  await lab.caughtUp()
  expect(await mending.resumeUndo()).toEqual(steps(2, 1))
  expect(await carriedIn(lab)).toEqual(untouched)
})

test('what somebody has taken back by hand meanwhile is no error', async () => {
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  await mending.apply(plan)
  await lab.rows('primary', 'alter publication auth_pub drop table user_credentials')
  await lab.rows('reports', 'alter subscription reports_sub refresh publication')
  await lab.rows('reports', 'drop table user_credentials')
  expect(await mending.undo(plan)).toEqual(steps(5, 3, 2, 1))
})
