import { beforeEach, expect, test } from 'vitest'
import type { JournalEntry } from '../../core/plan.ts'
import { authBlueprint } from '../../lab/auth.ts'
import { findBinaries } from '../../lab/binaries.ts'
import type { Lab } from '../../lab/lab.ts'
import { startLab } from '../../lab/start-lab.ts'
import { testLab } from '../../lab/testing.ts'
import { describe as described, loadedTable, rebuildPlan, Rebuilding } from './testing/rebuilding.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

const one = async (node: string, sql: string, values: readonly unknown[] = []): Promise<unknown> =>
  Object.values((await lab.rows(node, sql, values))[0] ?? {})[0]

const hashOf = async (node: string, table: string): Promise<unknown> =>
  one(node, `select count(*) || '/' || sum(hashtextextended(t::text, 0)) from ${table} t`)

const outcome = (entries: readonly JournalEntry[]): readonly string[] =>
  entries.map(({ n, phase, output }) => `${n} ${phase}${phase === 'failed' ? `: ${String(output['error'])}` : ''}`)

const all = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `${n + 1} done`)

async function carriesAll(): Promise<void> {
  await lab.rows('primary', loadedTable)
  await lab.rows('primary', `alter publication auth_pub add table loaded (id, name) where (id > 0)`)
  await lab.caughtUp()
  const [before, rows] = [await one('primary', described, ['loaded']), await hashOf('primary', 'loaded')]
  await lab.damage('primary', 'loaded', { page: 7, offset: 1024, length: 3000 })
  await using rebuilding = await Rebuilding.in(lab)
  const plan = await rebuildPlan(lab, 'loaded')
  expect(plan.refusals).toEqual([])
  const done = await rebuilding.apply(plan)
  expect(outcome(done)).toEqual(all(plan.steps.length))
  expect(JSON.parse(String(await one('primary', described, ['loaded'])))).toEqual(JSON.parse(String(before)))
  expect(await hashOf('primary', 'loaded')).toBe(rows)
  await lab.caughtUp()
  expect(await hashOf('standby', 'loaded')).toBe(rows)
  await lab.rows(
    'primary',
    `insert into child values (101, 5000); set session authorization app; select count(*) from loaded`,
  )
  expect(await one('primary', `insert into loaded (name) values ('new') returning id`)).toBe('5001')
  await lab.rows('primary', `delete from loaded where id = 5001`)
  await expect(lab.rows('primary', 'delete from loaded where id = 100')).rejects.toThrow('violates foreign key')

  const undone = await rebuilding.undo(plan)
  expect(outcome(undone)).toEqual(['5 done', '2 done'])
  await expect(hashOf('primary', 'loaded')).rejects.toThrow('invalid page')
  const back = JSON.parse(String(await one('primary', described, ['loaded'])))
  expect(JSON.stringify(back).replaceAll(' NOT VALID', '')).toEqual(JSON.stringify(JSON.parse(String(before))))
  expect(await lab.rows('primary', `select relname from pg_class where relname ~ '_(rebuilt|damaged)_'`)).toEqual([])
}

test(
  'all that hangs on a table is on the rebuilt one, by the same names, and back on the old one when it is undone',
  carriesAll,
)

const has15 = await findBinaries({ major: 15 }).then(
  () => true,
  () => false,
)

test.skipIf(!has15)(
  'the same on 15, under a publication for all tables as well',
  async () => {
    await using old = await startLab(authBlueprint(), { major: 15 })
    lab = old
    await carriesAll()
    await lab.rows('primary', 'create publication every_pub for all tables')
    await using rebuilding = await Rebuilding.in(lab)
    await lab.damage('primary', 'orders', { page: 3, offset: 1024, length: 3000 })
    const before = await hashOf('standby', 'orders')
    const done = await rebuilding.apply(await rebuildPlan(lab, 'orders', { id: 'rebuild-15' }))
    expect(outcome(done).every((line) => line.endsWith('done'))).toBe(true)
    expect(await hashOf('primary', 'orders')).toBe(before)
    expect(
      await one(
        'primary',
        `select string_agg(distinct tablename, ' ') from pg_publication_tables where tablename like 'orders%'`,
      ),
    ).toBe('orders')
  },
  120_000,
)

test('rows that were written while it was filled are in it, and rows written since keep it from being undone', async () => {
  await using rebuilding = await Rebuilding.in(lab)
  await lab.damage('primary', 'orders', { page: 3, offset: 1024, length: 3000 })
  const plan = await rebuildPlan(lab, 'orders')
  const { steps } = plan
  const first = { ...plan, steps: steps.filter(({ n }) => n < 5) }
  await rebuilding.apply(first)
  await lab.rows('primary', `insert into orders (user_id, amount) values (7, 77.77)`)
  await lab.rows('primary', `update orders set amount = 1 where id = 1999; delete from orders where id = 1998`)
  const done = await rebuilding.apply({ ...plan, id: 'rebuild-2', steps: steps.filter(({ n }) => n >= 5) })
  expect(done[0]?.output).toMatchObject({ replaced: 3, rows: 2000, unreadable_blocks: 1, gone: 0, changed: 0 })
  expect(outcome(done).every((line) => line.endsWith('done'))).toBe(true)
  expect(await one('primary', `select count(*)::int from orders where amount = 77.77 and id = 2001`)).toBe(1)
  expect(await one('primary', `select count(*)::int from orders where id = 1998`)).toBe(0)
  await lab.rows('primary', `insert into orders (user_id, amount) values (8, 88.88)`)
  const undone = await rebuilding.undo({ ...plan, id: 'rebuild-2' })
  expect(outcome(undone)[0]).toContain('were written since the swap')
  expect(await one('primary', `select count(*)::int from orders where amount in (77.77, 88.88)`)).toBe(2)
})
