import { beforeEach, expect, test } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { publishTable } from '../../rows/testing/pairs.ts'
import { steps } from '../testing/situation.ts'
import { Repairing, textOf, toReports } from './testing/situation.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

/** Damages the subscriber, repairs it and takes it back; what came of it. */
async function repairAndBack(table: string, damage: string) {
  await using repairing = await Repairing.in(lab)
  await lab.rows('reports', damage)
  const before = await textOf(lab, 'reports', table)
  const repair = await repairing.plan(toReports, [table])
  const done = await repairing.apply(repair.plan)
  const isEqual = (await textOf(lab, 'reports', table)) === (await textOf(lab, 'primary', table))
  await repairing.undo(repair.plan)
  return {
    refused: [...repair.plan.refusals, ...repair.leftOut],
    failed: done.filter((said) => !/^(begun|done) \d+$/.test(said)),
    isEqual,
    isBack: (await textOf(lab, 'reports', table)) === before,
  }
}

const allWell = { refused: [], failed: [], isEqual: true, isBack: true }

test.each<[string, string, string]>([
  [
    'padded and mixed',
    `(code char(6), "Part" text, at timestamptz, v text, primary key (code, "Part", at))`,
    `select 'c' || n, E'a "quoted" \\\\ name''s ' || n, timestamptz '2026-01-01' + n * interval '1 us', 'v' || n`,
  ],
  ['of bytes', '(code bytea primary key, at int, v text)', `select decode(md5(n::text), 'hex'), n, 'v'`],
  ['of numbers', '(code numeric primary key, at float8, v text)', `select n / 10.0, n / 3.0, repeat('x', 100000)`],
  [
    'of a domain and an enum',
    '(code keyed, mark marked, at int, v text, primary key (code, mark))',
    `select n, 'b', n, 'v'`,
  ],
  ['always generated', '(code int generated always as identity primary key, at int, v text)', `select n, n, 'v'`],
])('a key %s', async (_, columns, rows) => {
  const types = [`create domain keyed as int check (value > 0)`, `create type marked as enum ('a', 'b')`]
  const overriding = columns.includes('always') ? 'overriding system value' : ''
  await publishTable(
    lab,
    'keyed_rows',
    [...types, `create table keyed_rows ${columns}`],
    [`insert into keyed_rows ${overriding} ${rows} from generate_series(1, 20) n`],
  )
  const first = 'ctid = (select min(ctid) from keyed_rows)'
  const damage = `delete from keyed_rows where ${first}; update keyed_rows set v = v || 'x' where ${first}`
  expect(await repairAndBack('keyed_rows', damage)).toEqual(allWell)
})

test('a partitioned table is repaired through its root, across its partitions', async () => {
  const ddl = [
    'create table parted (id int primary key, v text) partition by range (id)',
    'create table parted_1 partition of parted for values from (0) to (10)',
    'create table parted_2 partition of parted for values from (10) to (100)',
  ]
  await publishTable(lab, 'parted', ddl, [`insert into parted select n, 'v' || n from generate_series(1, 30) n`])
  const damage = `delete from parted where id in (5, 15); update parted set v = 'x' where id in (6, 16)`
  expect(await repairAndBack('parted', damage)).toEqual(allWell)
})

test('only rows that the publication sends are repaired, one that left its filter goes, and columns of the node itself stay', async () => {
  await lab.rows('primary', 'create table part (id int primary key, a text, b text)')
  await lab.rows('reports', `create table part (id int primary key, a text, b text, c text default 'own')`)
  await lab.rows('primary', `insert into part select n, 'a' || n, 'secret' from generate_series(1, 20) n`)
  await lab.rows('primary', `alter table part replica identity full`)
  await lab.rows('primary', `alter publication auth_pub add table part where (id > 10 and b <> 'left')`)
  await lab.rows('reports', 'alter subscription reports_sub refresh publication')
  await expect
    .poll(async () => lab.rows('reports', 'select count(*)::int as n from part'), { timeout: 20_000 })
    .toEqual([{ n: 10 }])
  await lab.caughtUp()
  await lab.rows('reports', `insert into part values (3, 'of its own')`)
  await lab.rows('reports', `update part set a = 'wrong', c = 'mine' where id = 12; delete from part where id = 13`)
  // It left the filter, and its deletion did not arrive.
  await lab.rows('primary', `update part set b = 'left' where id = 14`)
  await lab.caughtUp()
  await lab.rows('reports', `insert into part values (14, 'a14', 'secret')`)
  await using repairing = await Repairing.in(lab)
  const { plan } = await repairing.plan(toReports, ['part'])
  expect(await repairing.apply(plan)).toEqual(steps(1, 2, 3))
  expect(await lab.rows('reports', 'select id, a, c from part where id in (3, 12, 13, 14) order by id')).toEqual([
    { id: 3, a: 'of its own', c: 'own' },
    { id: 12, a: 'a12', c: 'mine' },
    { id: 13, a: 'a13', c: 'own' },
  ])
})
