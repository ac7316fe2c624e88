import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { waitUntil } from '../../lab/wait.ts'
import { textOf } from '../../repair/rows/testing/situation.ts'
import { verifyReportShape } from '../../shapes/verify.ts'
import { Configured } from '../testing/damaged-lab.ts'
import { followEachOther, unsent } from '../testing/two-way.ts'

const tables = ['users', 'sessions']
let lab: Lab
let at: Configured

beforeEach(async () => {
  lab = await testLab()
  at = new Configured(lab)
  for (const [name, value] of Object.entries(at.env)) vi.stubEnv(name, value)
  await followEachOther(lab, tables)
})
afterEach(() => {
  vi.unstubAllEnvs()
  at[Symbol.dispose]()
})

/** Verdicts by pair and table. */
async function verdicts(): Promise<readonly string[]> {
  // Both tables, and not orders, which goes one way.
  const { json } = await at.json('verify', '--max-load', '1', '--table', '*se*')
  return verifyReportShape
    .parse(json)
    .pairs.flatMap(({ left, right, tables: all }) =>
      all.map(({ table, verdict }) => `${left} → ${right} ${table.replace('public.', '')} ${verdict}`),
    )
}

const pairs = ['reports → primary', 'primary → standby', 'primary → reports']
const allEqual = pairs.flatMap((pair) => ['sessions', 'users'].map((table) => `${pair} ${table} consistent`))

async function repaired(...how: readonly string[]): Promise<void> {
  const planned = await at.json('verify', '--repair', 'plan', ...how)
  const plans: unknown = Reflect.get(Object(planned.json), 'plans')
  const [told] = Array.isArray(plans) ? plans : []
  expect(told?.plan.refusals).toEqual([])
  expect(Array.isArray(plans) && plans.length).toBe(1)
  const applied = await at.cli('verify', '--repair', 'apply', String(told?.plan.id))
  expect(applied.out + applied.err).not.toContain('FAILED')
  expect(applied.code).toBe(0)
}

/** Both directions still carry rows, after all that was written before. */
async function expectFlowing(): Promise<void> {
  await lab.rows('primary', `update users set name = 'there' where id = 900`)
  await lab.rows('reports', `update users set name = 'back' where id = 901`)
  const names = async (node: string) => lab.rows(node, 'select name from users where id in (900, 901) order by id')
  for (const node of ['primary', 'reports', 'standby'])
    await waitUntil(
      `both changes on ${node}`,
      async () => JSON.stringify(await names(node)) === JSON.stringify([{ name: 'there' }, { name: 'back' }]),
    )
}

const texts = async (node: string): Promise<readonly string[]> =>
  Promise.all(tables.map(async (table) => textOf(lab, node, table)))

test('of two nodes that follow each other either is repaired from the other, and no row of it travels back', async () => {
  expect(await verdicts()).toEqual(allEqual)
  const before = await texts('primary')
  await unsent(lab, 'reports', `update users set name = 'eve' where id = 500; delete from sessions where user_id = 8`)
  await unsent(lab, 'reports', `insert into users values (20000, 'stranger', 'x')`)
  expect((await verdicts()).filter((verdict) => verdict.endsWith('divergent'))).toEqual([
    'reports → primary sessions divergent',
    'reports → primary users divergent',
    'primary → reports sessions divergent',
    'primary → reports users divergent',
  ])
  await repaired('--to', 'reports')
  expect(await verdicts()).toEqual(allEqual)
  expect(await texts('primary')).toEqual(before)
  await expectFlowing()

  const right = await texts('reports')
  await unsent(lab, 'primary', `update users set name = 'mallory' where id = 7; delete from sessions where user_id = 9`)
  await unsent(lab, 'primary', `insert into users values (20001, 'stranger', 'x')`)
  // The primary has a standby, too: whose rows are right is to be said.
  const { code, err } = await at.cli('verify', '--repair', 'plan', '--to', 'primary')
  expect([code, err]).toEqual([2, expect.stringContaining('--from')])
  await repaired('--to', 'primary', '--from', 'reports')
  expect(await verdicts()).toEqual(allEqual)
  expect(await texts('reports')).toEqual(right)
  await expectFlowing()
}, 180_000)

test('where a repair would be sent back, it is refused with what to do, and nothing is written', async () => {
  await unsent(lab, 'reports', `update users set name = 'eve' where id = 500`)
  await lab.rows('primary', 'alter subscription back_sub set (origin = any)')
  const planned = await at.json('verify', '--repair', 'plan', '--to', 'reports', '--from', 'primary')
  expect(JSON.stringify(planned.json)).toContain(
    'On primary (16 and later): alter subscription back_sub set (origin = none)',
  )
  expect(await lab.rows('reports', 'select name from users where id = 500')).toEqual([{ name: 'eve' }])
}, 120_000)
