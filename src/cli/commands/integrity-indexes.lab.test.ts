import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { cutTo, onFile } from '../../lab/damaged-file.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { Configured, grantAmcheck } from '../testing/damaged-lab.ts'
import { blind, findings, grave, plans } from '../testing/damage-findings.ts'

let lab: Lab
let at: Configured

beforeEach(async () => {
  lab = await testLab()
  at = new Configured(lab)
  for (const [name, value] of Object.entries(at.env)) vi.stubEnv(name, value)
  await grantAmcheck(lab)
  await lab.rows(
    'primary',
    `create table things (id int primary key, tags int[], span int4range, name text, at int);
    insert into things select n, array[n % 50, n % 70 + 100, n], int4range(n, n + 10), 'thing ' || n, n from generate_series(1, 20000) n;
    create index things_tags on things using gin (tags) with (fastupdate = off);
    create index things_span on things using gist (span);
    create index things_name on things using hash (name);
    create index things_at on things using brin (at)`,
  )
  await lab.rows('primary', 'vacuum analyze things')
  await lab.rows('primary', 'checkpoint')
  await lab.caughtUp()
})
afterEach(() => {
  vi.unstubAllEnvs()
  at[Symbol.dispose]()
})

const amcheckBlind = (json: unknown): readonly string[] =>
  blind(json)
    .filter(({ node, check }) => node === 'primary' && check === 'integrity/amcheck')
    .map(({ detail, remedy }) => `${String(detail)} | ${String(remedy)}`)

test('indexes that nothing looks into are named, and never green; GIN is looked into where it is granted', async () => {
  const before = await at.json('integrity', '--strict')
  expect([before.code, grave(before.json)]).toEqual([3, []])
  const closed = 'public.things_at (brin), public.things_name (hash), public.things_span (gist)'
  expect(amcheckBlind(before.json)).toEqual([
    expect.stringContaining(
      'On the primary: grant execute on function public.gin_index_check(regclass) to antemortem;',
    ),
    expect.stringContaining(
      `nothing looks inside of indexes of these kinds, only at the length of their files: ${closed}`,
    ),
  ])
  await lab.rows('primary', 'grant execute on function gin_index_check(regclass) to antemortem')
  await lab.caughtUp()
  expect(amcheckBlind((await at.json('integrity')).json)).toEqual([expect.stringContaining(closed)])
  await lab.damage('primary', 'things_tags', { page: 2, offset: 2048, length: 512 })
  const { code, json } = await at.json('integrity')
  expect([code, grave(json)]).toEqual([1, ['integrity/amcheck primary:public.things_tags']])
  const planned = await at.json('integrity', '--repair', 'plan')
  const applied = await at.cli('integrity', '--repair', 'apply', String(plans(planned.json)[0]?.['id']))
  expect(applied.out).toContain("gin_index_check('public.things_tags')")
  expect(applied.code).toBe(0)
  // The server has counted each read of the damaged page.
  const after = grave((await at.json('integrity')).json)
  expect(after.filter((each) => !each.startsWith('integrity/checksum-failures'))).toEqual([])
}, 120_000)

test('an index of any kind whose file was cut off is found by its length, and built anew', async () => {
  await onFile(lab, 'primary', 'things_name', cutTo(8))
  const { code, json } = await at.json('integrity')
  expect([code, grave(json)]).toEqual([1, ['integrity/file-length primary:public.things_name']])
  expect(findings(json).find(({ check }) => check === 'integrity/file-length')).toMatchObject({
    message: expect.stringMatching(/its file has 8 blocks, and the catalog has counted \d+/),
    mend: { kind: 'reindex', schema: 'public', index: 'things_name' },
  })
  const planned = await at.json('integrity', '--repair', 'plan')
  const applied = await at.cli('integrity', '--repair', 'apply', String(plans(planned.json)[0]?.['id']))
  expect(applied.out + applied.err).not.toContain('FAILED')
  expect(applied.code).toBe(0)
  expect(grave((await at.json('integrity')).json)).toEqual([])
  const find = `set enable_seqscan = off; select id from things where name = 'thing 777'`
  expect(await lab.rows('primary', find)).toEqual([{ id: 777 }])
}, 120_000)
