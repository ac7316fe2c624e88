import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { editPage, fileOf, onFile } from '../../lab/damaged-file.ts'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { waitUntil } from '../../lab/wait.ts'
import { Configured, grantAmcheck } from '../testing/damaged-lab.ts'
import { blind, findings, grave, plans } from '../testing/damage-findings.ts'

/** Corruptions of our own making: whole pages with right checksums, and answers that are wrong. */
let lab: Lab
let at: Configured

beforeEach(async () => {
  lab = await testLab()
  at = new Configured(lab)
  for (const [name, value] of Object.entries(at.env)) vi.stubEnv(name, value)
  await grantAmcheck(lab)
})
afterEach(() => {
  vi.unstubAllEnvs()
  at[Symbol.dispose]()
})

/** Not before every snapshot of before is gone, the standby's too. */
const allVisible = async (table: string): Promise<void> =>
  waitUntil('the map to be whole', async () => {
    await lab.rows('primary', `vacuum ${table}`)
    const [row] = await lab.rows('primary', `select relallvisible = relpages as is from pg_class where relname = $1`, [
      table,
    ])
    return row?.['is'] === true
  })

test('a visibility map from an hour ago shows deleted users to whoever asks the index alone: told, and mended by the order it names', async () => {
  await allVisible('sessions')
  await lab.rows('primary', 'checkpoint')
  const map = `${await fileOf(lab, 'primary', 'sessions')}_vm`
  expect(existsSync(map)).toBe(true)
  const old = readFileSync(map)
  await lab.rows('primary', 'delete from sessions where user_id between 101 and 120')
  await lab.rows('primary', 'checkpoint')
  await lab.caughtUp()
  await onFile(lab, 'primary', 'sessions', () => writeFileSync(map, old))
  const byIndex = `set enable_seqscan = off; set enable_bitmapscan = off; select count(*)::int as n from sessions where user_id between 101 and 120`
  expect(await lab.rows('primary', byIndex)).toEqual([{ n: 20 }])
  expect(await lab.rows('primary', `select count(*)::int as n from sessions`)).toEqual([{ n: 480 }])
  const before = await at.json('integrity')
  expect(blind(before.json)).toContainEqual(
    expect.objectContaining({
      check: 'integrity/visibility-map',
      node: 'primary',
      remedy: 'On the primary: create extension pg_visibility;',
    }),
  )
  await lab.rows('primary', 'create extension pg_visibility')
  await lab.caughtUp()
  const { code, json } = await at.json('integrity')
  expect([code, grave(json)]).toEqual([1, ['integrity/visibility-map primary:public.sessions']])
  const [found] = findings(json).filter(({ check }) => check === 'integrity/visibility-map')
  expect(found?.['message']).toContain('calls 20 rows visible to everybody that are not')
  const [, truncate, vacuum] = String(found?.['remedy']).split(': ').slice(1).join(': ').split('; ')
  await lab.rows('primary', String(truncate))
  await lab.rows('primary', String(vacuum))
  expect(await lab.rows('primary', byIndex)).toEqual([{ n: 0 }])
  expect(grave((await at.json('integrity')).json)).toEqual([])
}, 120_000)

/** Offsets of a heap page and of a tuple on it (storage/bufpage.h, access/htup_details.h). */
const lower = 12
const firstPointer = 24
const xmax = 4
const infomask = 20
const xmaxCommitted = 0x0400
const xmaxInvalid = 0x0800
/** Locked by whoever refers to it, alone or together with others. */
const locks = 0x0010 | 0x0040 | 0x0080 | 0x1000

/** A row becomes a deleted one: as if the transaction that wrote it had deleted it. */
function deleteByHand(bytes: Buffer, item: number): void {
  const pointer = bytes.readUInt32LE(firstPointer + 4 * (item - 1))
  const tuple = pointer & 0x7fff
  expect(bytes.readUInt16LE(lower)).toBeGreaterThan(firstPointer + 4 * (item - 1))
  bytes.writeUInt32LE(bytes.readUInt32LE(tuple), tuple + xmax)
  const mask = bytes.readUInt16LE(tuple + infomask)
  bytes.writeUInt16LE((mask & ~(xmaxInvalid | locks)) | xmaxCommitted, tuple + infomask)
}

/** What a disk or a bug does to row 7 of users on the primary, under the checksum that belongs to it. */
async function deleteRowSeven(): Promise<void> {
  await lab.rows('primary', 'checkpoint')
  await lab.caughtUp()
  const page = Buffer.alloc(8192)
  const edit = editPage(0, (bytes) => {
    deleteByHand(bytes, 7)
    bytes.copy(page)
  })
  await onFile(lab, 'primary', 'users', edit)
  // The server's own word; it is asked before anybody reads the page.
  const [sum] = await lab.rows('primary', `select page_checksum($1::bytea, 0)::int as sum`, [
    `\\x${page.toString('hex')}`,
  ])
  const seal = editPage(0, (bytes) => bytes.writeInt16LE(Number(sum?.['sum']), 8))
  await onFile(lab, 'primary', 'users', seal)
}

const whole = async (node: string) =>
  lab.rows(node, 'select count(*)::int as n, sum(hashtextextended(u::text, 0)) from users u')

test.each([
  ['by the map', true],
  ['by its page and its header, without the extension', false],
])(
  'a row that one flipped word has deleted on the primary alone, under a right checksum: found %s, and back from the standby',
  async (_, hasMap) => {
    await lab.rows('primary', 'create extension pageinspect')
    if (hasMap) await lab.rows('primary', 'create extension pg_visibility')
    await allVisible('users')
    const before = await whole('standby')
    await deleteRowSeven()
    // By its key it is not found; a page that promises that everybody sees all its rows shows it to who reads all of it.
    const byKey = `set enable_seqscan = off; set enable_indexonlyscan = off; select name from users where id = 7`
    expect(await lab.rows('primary', byKey)).toEqual([])
    expect(await whole('primary')).toEqual(before)
    const { code, json } = await at.json('integrity')
    expect(code).toBe(1)
    // Who looked by the key has marked the entry of the index as dead, and the page with the mark went to the standby.
    expect(grave(json)).toEqual([
      'integrity/visibility-map primary:public.users',
      'integrity/amcheck primary:public.users_pkey',
      'integrity/amcheck standby:public.users_pkey',
    ])
    expect(findings(json).find(({ check }) => check === 'integrity/visibility-map')).toMatchObject({
      message: expect.stringContaining('standby still shows them'),
      remedy: expect.stringContaining('no vacuum'),
      mend: { kind: 'rebuild', schema: 'public', table: 'users', donor: 'standby' },
    })
    const planned = await at.json('integrity', '--repair', 'plan')
    const [plan, ...others] = plans(planned.json)
    expect(plan).toMatchObject({ kind: 'rebuild-table', refusals: [] })
    expect(others).toEqual([])
    const applied = await at.cli('integrity', '--repair', 'apply', String(plan?.['id']))
    expect(applied.out + applied.err).not.toContain('FAILED')
    expect(applied.code).toBe(0)
    expect(await lab.rows('primary', byKey)).toEqual([{ name: 'user7' }])
    expect(await whole('primary')).toEqual(before)
    expect(await whole('standby')).toEqual(before)
    expect(grave((await at.json('integrity')).json)).toEqual([])
  },
  120_000,
)

test('the same row on a page that promises nothing: the first reader clears it away on the standby too, and a subscriber still has it', async () => {
  await lab.rows('primary', 'create extension pageinspect; create extension pg_visibility')
  await lab.rows('primary', `update users set last_login = null where id = 1`)
  await lab.caughtUp()
  const before = await whole('primary')
  await deleteRowSeven()
  const shown = async (): Promise<readonly unknown[]> =>
    Promise.all(
      ['primary', 'standby', 'reports'].map(
        async (node) => (await lab.rows(node, 'select count(*)::int as n from users where id = 7'))[0]?.['n'],
      ),
    )
  // Whose parents are gone is seen on the primary; what else is wrong, only the subscriber knows.
  expect(grave((await at.json('integrity')).json)).toEqual([
    'integrity/fk-orphans primary:public.orders',
    'integrity/fk-orphans primary:public.sessions',
  ])
  await lab.caughtUp()
  expect(await shown()).toEqual([0, 0, 1])
  const verified = await at.cli('verify', '--max-load', '1', '--table', 'users')
  expect(verified.code).toBe(1)
  expect(verified.out).toContain('extra 7: only reports has it; primary does not')
  const toPrimary = ['verify', '--repair', 'plan', '--to', 'primary', '--from', 'reports', '--table', 'users'] as const
  expect(verified.out).toContain(`antemortem ${toPrimary.slice(0, -2).join(' ')}`)
  const refused = await at.cli(...toPrimary)
  expect(refused.out.replaceAll(/\s+/g, ' ')).toContain('alter subscription reports_sub set (origin = none)')
  await lab.rows('reports', 'alter subscription reports_sub set (origin = none)')
  const planned = await at.cli(...toPrimary)
  const id = /apply (repair-[0-9a-f]{8})/.exec(planned.out)?.[1] ?? ''
  const applied = await at.cli('verify', '--repair', 'apply', id)
  expect(applied.out + applied.err).not.toContain('FAILED')
  expect(applied.code).toBe(0)
  await lab.rows('reports', 'alter subscription reports_sub set (origin = any)')
  expect(await shown()).toEqual([1, 1, 1])
  expect(await whole('primary')).toEqual(before)
  expect((await at.cli('verify', '--max-load', '1')).code).toBe(0)
}, 120_000)

test('a sequence whose file is of an hour ago gives ids a second time: a standby has been told of more', async () => {
  const insert = 'insert into orders (user_id, amount) select 1, 1 from generate_series(1, 100)'
  await lab.rows('primary', insert)
  await lab.rows('primary', 'checkpoint')
  const old = readFileSync(await fileOf(lab, 'primary', 'orders_id_seq'))
  await lab.rows('primary', insert)
  await lab.caughtUp()
  await onFile(lab, 'primary', 'orders_id_seq', (path) => writeFileSync(path, old))
  const { code, json } = await at.json('integrity')
  expect([code, grave(json)]).toEqual([1, ['integrity/sequence-set-back primary:public.orders_id_seq']])
  const [found] = findings(json).filter(({ severity }) => severity === 'critical')
  await expect(lab.rows('primary', insert)).rejects.toThrow('duplicate key')
  const [, order] = /^On primary: (.*?;)/.exec(String(found?.['remedy'])) ?? []
  await lab.rows('primary', String(order))
  await lab.rows('primary', insert)
  expect(grave((await at.json('integrity')).json)).toEqual([])
}, 120_000)
