import { truncateSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { appendTo, cutTo, fileOf, onFile, zeroPage } from '../../lab/damaged-file.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { Configured, grantAmcheck } from '../testing/damaged-lab.ts'
import { findings, grave, plans } from '../testing/damage-findings.ts'

let lab: Lab
let at: Configured

beforeEach(async () => {
  lab = await testLab()
  at = new Configured(lab)
  for (const [name, value] of Object.entries(at.env)) vi.stubEnv(name, value)
})
afterEach(() => {
  vi.unstubAllEnvs()
  at[Symbol.dispose]()
})

const pageBytes = 8192
const segmentPages = 131_072

const rowsOf = async (node: string, table: string) =>
  (await lab.rows(node, `select count(*)::int as n, sum(hashtextextended(t::text, 0)) as hash from ${table} t`))[0]

/** Carries out the only plan there is. */
async function rebuilt(): Promise<void> {
  const planned = await at.json('integrity', '--repair', 'plan')
  expect(plans(planned.json).map(({ kind, refusals }) => ({ kind, refusals }))).toEqual([
    { kind: 'rebuild-table', refusals: [] },
  ])
  const applied = await at.cli('integrity', '--repair', 'apply', String(plans(planned.json)[0]?.['id']))
  expect(applied.out + applied.err).not.toContain('FAILED')
  expect(applied.code).toBe(0)
}

/** Documents whose text lies in pieces in a table of its own. */
async function documents(): Promise<string> {
  await lab.rows(
    'primary',
    `create table docs (id int primary key, title text, body text);
    alter table docs alter body set storage external;
    insert into docs select n, 'title ' || n, (select string_agg(md5(n::text || k), '') from generate_series(1, 400) k)
      from generate_series(1, 60) n`,
  )
  await lab.rows('primary', 'vacuum analyze docs')
  await lab.rows('primary', 'checkpoint')
  await lab.caughtUp()
  const [row] = await lab.rows(
    'primary',
    `select reltoastrelid::regclass::text as toast from pg_class where relname = 'docs'`,
  )
  return String(row?.['toast'])
}

test.each([['with amcheck'], ['by the comparison alone']])(
  'a page of zeros where large values lie is found %s, and the table is rebuilt from the standby',
  async (how) => {
    if (how === 'with amcheck') await grantAmcheck(lab)
    const toast = await documents()
    const before = await rowsOf('standby', 'docs')
    await onFile(lab, 'primary', toast, zeroPage(3))
    await expect(rowsOf('primary', 'docs')).rejects.toThrow('missing chunk number')
    const { code, json } = await at.json('integrity')
    expect(code).toBe(1)
    const found = findings(json).filter(({ subject }) => subject === 'primary:public.docs')
    expect(found).toMatchObject([
      {
        check: how === 'with amcheck' ? 'integrity/amcheck' : 'integrity/unreadable-blocks',
        severity: 'critical',
        message: expect.stringMatching(how === 'with amcheck' ? /toast value \d+/ : /large values/),
        mend: { kind: 'rebuild', schema: 'public', table: 'docs', donor: 'standby' },
      },
    ])
    await rebuilt()
    expect(await rowsOf('primary', 'docs')).toEqual(before)
    expect(await rowsOf('standby', 'docs')).toEqual(before)
    expect(grave((await at.json('integrity')).json)).toEqual([])
  },
  120_000,
)

test('a damaged page where large values lie on the standby: who has what is told', async () => {
  await grantAmcheck(lab)
  const toast = await documents()
  await lab.damage('standby', toast, { page: 3, offset: 2048, length: 2048 })
  const there = await at.json('integrity')
  expect(findings(there.json).filter(({ severity }) => severity === 'critical')).toMatchObject([
    { subject: 'standby:public.docs', remedy: expect.stringContaining('clone it anew from primary'), mend: null },
  ])
}, 120_000)

test('a file cut off on the primary: what it cost is counted, and the rows come back from the standby', async () => {
  await lab.rows('primary', 'vacuum analyze orders')
  await lab.caughtUp()
  const before = await rowsOf('standby', 'orders')
  await onFile(lab, 'primary', 'orders', cutTo(6))
  const { code, json } = await at.json('integrity')
  expect(code).toBe(1)
  expect(findings(json)).toContainEqual(
    expect.objectContaining({
      check: 'integrity/file-length',
      subject: 'primary:public.orders',
      severity: 'critical',
      mend: { kind: 'rebuild', schema: 'public', table: 'orders', donor: 'standby' },
    }),
  )
  await rebuilt()
  expect(await rowsOf('primary', 'orders')).toEqual(before)
  expect(await rowsOf('standby', 'orders')).toEqual(before)
}, 120_000)

test('a file that is longer than the catalog says: by empty pages it is nothing, by rubbish it is found and rebuilt', async () => {
  await grantAmcheck(lab)
  await lab.rows('primary', 'vacuum analyze orders')
  await lab.caughtUp()
  const before = await rowsOf('primary', 'orders')
  await onFile(lab, 'primary', 'orders', appendTo(Buffer.alloc(3 * pageBytes)))
  const empty = await at.json('integrity')
  expect(grave(empty.json)).toEqual([])
  await onFile(lab, 'primary', 'orders', appendTo(Buffer.alloc(2 * pageBytes, 0x5a)))
  const { code, json } = await at.json('integrity')
  expect([code, grave(json)]).toEqual([1, ['integrity/unreadable-blocks primary:public.orders']])
  await rebuilt()
  expect(await rowsOf('primary', 'orders')).toEqual(before)
  const after = (await at.json('integrity')).json
  // The server counts each read of a damaged page, and the one that was set aside is still there.
  expect(grave(after).filter((each) => !each.startsWith('integrity/checksum-failures'))).toEqual([])
  expect(findings(after).map(({ check }) => check)).toContain('integrity/set-aside')
}, 120_000)

test('a table of two segments that has lost the second: found by its length, and rebuilt', async () => {
  await lab.rows(
    'primary',
    `create table wide (id int primary key, v text); insert into wide select n, 'first ' || n from generate_series(1, 500) n`,
  )
  await lab.rows('primary', 'checkpoint')
  await lab.caughtUp()
  await lab.rows('standby', 'checkpoint')
  // A gigabyte of pages that were given and never written, without its place on the disk.
  const paths = { primary: await fileOf(lab, 'primary', 'wide'), standby: await fileOf(lab, 'standby', 'wide') }
  await lab.stop('primary', 'fast')
  await lab.stop('standby', 'fast')
  for (const path of Object.values(paths)) truncateSync(path, segmentPages * pageBytes)
  await lab.start('primary')
  await lab.start('standby')
  await lab.rows('primary', `insert into wide select n, repeat('second ' || n, 20) from generate_series(501, 3000) n`)
  await lab.rows('primary', 'analyze wide')
  await lab.caughtUp()
  const before = await rowsOf('primary', 'wide')
  await onFile(lab, 'primary', 'wide', (path) => truncateSync(`${path}.1`, 0))
  expect(Number((await rowsOf('primary', 'wide'))?.['n'])).toBeLessThan(3000)
  const { code, json } = await at.json('integrity', '--table', 'public.wide')
  expect(code).toBe(1)
  expect(grave(json)).toContain('integrity/file-length primary:public.wide')
  expect(findings(json).find(({ check }) => check === 'integrity/file-length')).toMatchObject({
    message: expect.stringMatching(/has 131072 blocks.*standby still reads \d+ rows there/),
  })
  await rebuilt()
  expect(await rowsOf('primary', 'wide')).toEqual(before)
  expect(await rowsOf('standby', 'wide')).toEqual(before)
}, 240_000)
