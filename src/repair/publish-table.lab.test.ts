import { beforeEach, expect, test } from 'vitest'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { standing } from '../store/standing.ts'
import { carriedIn, Mending, migrate, planFor, steps } from './testing/situation.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

const untouched = { published: 0, subscribed: 0, primary: 1000, reports: 0 }
const carried = { published: 1, subscribed: 1, primary: 1000, reports: 1000 }

const md5Of = async (node: string): Promise<unknown> =>
  (await lab.rows(node, `select md5(string_agg(t::text, ',' order by user_id)) as rows from user_credentials t`))[0]

test('the table is carried, its rows are equal, and the journal is complete; then all of it is taken back', async () => {
  await migrate(lab)
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  expect(plan.refusals).toEqual([])
  expect(await mending.apply(plan)).toEqual(steps(1, 2, 3, 4, 5, 6))
  expect(await carriedIn(lab)).toEqual(carried)
  expect(await md5Of('reports')).toEqual(await md5Of('primary'))
  const journal = await mending.store.journal(plan.id)
  expect(journal.at(-1)?.output).toEqual({ verdict: 'equal', source_rows: 1000, node_rows: 1000 })
  expect(standing(plan, journal)).toBe('done')

  expect(await mending.undo(plan)).toEqual(steps(5, 3, 2, 1))
  expect(await carriedIn(lab)).toEqual(untouched)
  expect(standing(plan, await mending.store.journal(plan.id))).toBe('undone')
  // What was carried before still is.
  await lab.rows('primary', `insert into users values (5001, 'new', 'x')`)
  await lab.caughtUp()
  expect(await lab.rows('reports', 'select id from users where id = 5001')).toEqual([{ id: 5001 }])
  // And the way there is open again.
  expect(await mending.apply({ ...(await planFor(lab)), id: 'p-2' })).toEqual(steps(1, 2, 3, 4, 5, 6))
  expect(await carriedIn(lab)).toEqual(carried)
})

test('every statement that acts says who it is, and has its timeouts on the server', async () => {
  for (const node of ['primary', 'reports']) {
    lab.setConf(node, { log_statement: 'all' })
    lab.reload(node)
    await expect.poll(async () => (await lab.rows(node, 'show log_statement'))[0]?.['log_statement']).toBe('all')
  }
  await migrate(lab)
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab)
  await mending.apply(plan)
  await mending.undo(plan)
  const lines = [lab.log('primary'), lab.log('reports')].join('\n').split('\n')
  const acting = lines.filter((line) => /(?:statement|execute <unnamed>): (?:alter|delete)/.test(line))
  const mine = acting.filter((line) => !line.includes('antemortem-lab'))
  expect(mine.map((line) => /(?:alter|delete).*/.exec(line)?.[0])).toEqual([
    'alter publication "auth_pub" add table "public"."user_credentials"',
    'alter publication "auth_pub" drop table "public"."user_credentials"',
    'alter subscription "reports_sub" refresh publication',
    'alter subscription "reports_sub" refresh publication',
    'delete from only "public"."user_credentials"',
  ])
  for (const line of mine) {
    expect(line).toContain('@auth/antemortem-act')
    const pid = /\[\d+\]/.exec(line)?.[0] ?? 'none'
    const before = lines.slice(0, lines.indexOf(line)).filter((each) => each.includes(pid))
    expect(before.at(-1)).toMatch(/statement: set statement_timeout = \d{4,6}$/)
    expect(before.some((each) => each.includes('set lock_timeout = 0'))).toBe(true)
  }
})

test('a table that is published but not subscribed is carried without touching the publication; that stays', async () => {
  await migrate(lab)
  await lab.rows('primary', 'alter publication auth_pub add table user_credentials')
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab, { facts: { gap: 'not-refreshed' } })
  expect(await mending.apply(plan)).toEqual(steps(1, 2, 3, 4, 5))
  expect(await carriedIn(lab)).toEqual(carried)
  expect(await mending.undo(plan)).toEqual([])
  expect(await carriedIn(lab)).toEqual(carried)
})

test('odd names are quoted everywhere', async () => {
  const [table, publication, subscription] = [`Cred"s; 'x' \\ é`, 'Pub "1"', `Sub '; --`]
  await migrate(lab, table)
  await lab.rows('primary', `create publication "Pub ""1""" for table sessions`)
  await lab.rows('reports', 'drop subscription reports_sub')
  await lab.rows('reports', 'truncate sessions')
  await lab.rows(
    'reports',
    `create subscription "Sub '; --" connection '${lab.url('primary', 'replication')}' publication "Pub ""1""" with (slot_name = odd)`,
  )
  await using mending = await Mending.in(lab)
  const plan = await planFor(lab, { table, facts: { publication, subscription } })
  expect(await mending.apply(plan)).toEqual(steps(1, 2, 3, 4, 5, 6))
  expect(await carriedIn(lab, table)).toEqual(carried)
  expect(await mending.undo(plan)).toEqual(steps(5, 3, 2, 1))
  expect(await carriedIn(lab, table)).toEqual(untouched)
})
