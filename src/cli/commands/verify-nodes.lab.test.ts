import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { authBlueprint } from '../../lab/auth.ts'
import type { Lab } from '../../lab/lab.ts'
import { startLab } from '../../lab/start-lab.ts'
import { testLab } from '../../lab/testing.ts'
import { mixedDdl, mixedRows } from '../../rows/testing/mixed-table.ts'
import { publishTable } from '../../rows/testing/pairs.ts'
import { Writer } from '../../rows/testing/writer.ts'
import { followEachOther, unsent } from '../testing/two-way.ts'
import { tamper, verdicts, Verifying } from '../testing/verifying.ts'

let lab: Lab
let at: Verifying

beforeEach(async () => {
  lab = await testLab()
  at = new Verifying(lab)
  for (const [name, value] of Object.entries(at.env)) vi.stubEnv(name, value)
})
afterEach(() => {
  vi.unstubAllEnvs()
  at[Symbol.dispose]()
})

test('two addresses: one follows the other where that is seen; two strangers are only told apart while both are quiet', async () => {
  const urls = (a: string, b: string) => [lab.url(a, 'watch'), lab.url(b, 'watch')]
  const seen = await at.json(...urls('reports', 'primary'), '--table', 'users')
  expect([seen.code, seen.report.pairs[0]?.follows]).toEqual([0, 'logical'])
  await lab.rows('reports', 'alter subscription reports_sub disable')
  await lab.rows('reports', 'alter subscription reports_sub set (slot_name = none)')
  await lab.rows('reports', 'drop subscription reports_sub')
  const alike = await at.json(...urls('primary', 'reports'), '--table', 'users')
  expect([alike.code, alike.report.pairs[0]?.follows]).toEqual([0, 'declared'])
  await tamper(lab, `update users set name = 'eve' where id = 500`)
  const quiet = await at.json(...urls('primary', 'reports'), '--table', 'users')
  expect([quiet.code, quiet.report.verdict]).toEqual([1, 'divergent'])
  const stop = new AbortController()
  const writing = (async () => {
    while (!stop.signal.aborted) await lab.rows('primary', 'update orders set amount = amount where id = 1')
  })()
  const busy = await at.json(...urls('primary', 'reports'), '--table', 'users')
  stop.abort()
  await writing
  expect([busy.code, busy.report.verdict, busy.report.pairs[0]?.tables]).toMatchObject([
    3,
    'unsettled',
    [{ unsettled: 1, differing: [], detail: expect.stringContaining('500') }],
  ])
}, 120_000)

test('a standby that is late and a subscriber, both written to all the time, are never divergent', async () => {
  await publishTable(lab, 'mixed', mixedDdl, [mixedRows(4000)])
  lab.setConf('standby', { recovery_min_apply_delay: '500ms', hot_standby_feedback: 'off' })
  lab.reload('standby')
  await using writer = await Writer.start(lab, { following: 'logical' })
  for (let n = 0; n < 3; n += 1) {
    const { report } = await at.json()
    console.info(`at ${writer.tps()} tps: ${report.verdict}, coverage ${report.coverage}`)
    expect(Object.values(verdicts(report))).not.toContain('divergent')
    expect(verdicts(report)).toMatchObject({
      'standby public.mixed': 'consistent',
      'reports public.users': 'consistent',
    })
  }
}, 120_000)

test('where both nodes write a table, a row on its way back is no difference, and one that both hold otherwise is', async () => {
  await followEachOther(lab, ['users'])
  // The way back is held up for seconds: long enough for every proof that is made in one direction only.
  await using holder = await lab.session('primary', 'holder')
  await holder.rows('begin; lock table users in exclusive mode')
  await lab.rows('reports', `insert into users values (10000, 'there', 'x')`)
  await lab.rows('reports', `update users set name = 'changed there' where id = 500`)
  const held = at.json('--table', 'users')
  const released = sleep(6_000).then(async () => holder.rows('commit'))
  const { code: green, report: alike } = await held
  await released
  expect([green, Object.values(verdicts(alike))]).toEqual([0, ['consistent', 'consistent', 'consistent']])
  await unsent(lab, 'reports', `update users set name = 'eve' where id = 500`)
  const { code, report } = await at.json('--table', 'users')
  expect([code, report.pairs.map(({ left, right, tables }) => [left, right, tables[0]?.verdict])]).toEqual([
    1,
    [
      ['reports', 'primary', 'divergent'],
      ['primary', 'standby', 'consistent'],
      ['primary', 'reports', 'divergent'],
    ],
  ])
}, 120_000)

test('the oldest version that is tried is verified like the newest', async () => {
  await using old = await startLab(authBlueprint(), { major: 15 })
  const urls = old.nodes.map(({ name }) => old.url(name, 'watch'))
  const { code, report } = await at.json(...urls)
  expect([code, report.verdict, report.coverage, report.pairs.length]).toEqual([0, 'consistent', 1, 2])
  await old.rows('reports', `set session_replication_role = replica; delete from users where id = 7`)
  const found = await at.json(...urls)
  const [, reports] = found.report.pairs
  expect([found.code, reports?.tables.flatMap(({ differing }) => differing)]).toMatchObject([
    1,
    [{ key: ['7'], kind: 'missing', left: { id: '7', name: 'user7' }, right: null }],
  ])
}, 120_000)
