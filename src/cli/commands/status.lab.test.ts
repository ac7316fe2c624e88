import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import { statusShape } from '../../shapes/status.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { Configured } from '../testing/damaged-lab.ts'
import { fakeIo } from '../testing/fake-io.ts'

let lab: Lab
beforeEach(async () => {
  lab = await testLab()
})

async function status(...rest: readonly string[]) {
  const io = fakeIo()
  const code = await run(['status', ...rest], commands, io)
  return { code, ...io.printed }
}

async function json(...urls: readonly string[]) {
  const { code, out } = await status('--format', 'json', ...urls)
  return { code, cluster: statusShape.parse(JSON.parse(out)).clusters[0] }
}

const urls = (): readonly string[] => lab.nodes.map(({ name }) => lab.url(name, 'watch'))

test('a healthy cluster: who follows whom, through which slot, and who could take over', async () => {
  const { code, cluster } = await json(...urls())
  expect(code).toBe(0)
  expect(cluster?.nodes).toMatchObject([
    { role: 'primary', upstream: null, link: null, takeover: null },
    {
      role: 'standby',
      upstream: cluster?.nodes[0]?.name,
      link: { state: 'streaming', slot: 'standby_slot', lag_bytes: expect.any(Number) },
      takeover: { can: true, why_not: [] },
    },
    { role: 'subscriber', link: { state: 'applying', slot: 'reports_sub' }, takeover: { can: false } },
  ])
  const text = await status(...urls())
  expect([text.code, text.err]).toEqual([0, ''])
  expect(text.out).toMatch(/^├─ 127\.0\.0\.1-\d+ {2}standby +18\.\d+ {2}streaming, \d+ k?B behind, slot standby_slot$/m)
  expect(text.out).not.toContain(lab.password('antemortem'))
})

test('a paused standby, a disabled subscription, a primary that is gone: each is told in a word', async () => {
  await lab.rows('standby', 'select pg_wal_replay_pause()')
  await lab.rows('reports', 'alter subscription reports_sub disable')
  const paused = await json(...urls())
  expect(paused.cluster?.nodes.map(({ link }) => link?.state)).toEqual([
    undefined,
    'replay paused',
    'subscription disabled',
  ])
  expect(paused.cluster?.nodes[1]?.takeover).toEqual({ can: false, why_not: ['its replay is paused'] })
  await lab.rows('standby', 'select pg_wal_replay_resume()')
  await lab.stop('primary', 'immediate')
  const dead = await json(...urls())
  expect(dead.cluster?.verdict).toBe('not-seen')
  expect(dead.cluster?.nodes.find(({ role }) => role === null)?.unseen).toContain('ECONNREFUSED')
  expect(dead.cluster?.nodes.find(({ role }) => role === 'standby')?.takeover?.can).toBe(true)
  expect((await status(lab.url('primary', 'watch'))).code).toBe(3)
})

test('one node tells of the others', async () => {
  expect((await status(lab.url('primary', 'watch'))).out).toContain(
    'no url  127.0.0.1 tells of a standby: standby, postgres://antemortem@127.0.0.1:PORT/auth',
  )
})

test('rows: never compared, then by verify, then different; and no store is made by asking', async () => {
  using at = new Configured(lab)
  for (const [name, value] of Object.entries(at.env)) vi.stubEnv(name, value)
  const rowsLine = async (): Promise<string | undefined> =>
    (await at.cli('status')).out.split('\n').find((line) => line.startsWith('rows'))
  const verified = async () => {
    const { json } = await at.json('status')
    return statusShape.parse(json).clusters[0]?.verified
  }
  expect(await rowsLine()).toBe('rows  never compared to their end: antemortem verify')
  expect(await verified()).toBeNull()
  expect(existsSync(join(at.dir, 'antemortem.db'))).toBe(false)
  expect((await at.cli('verify', '--table', 'users', '--max-load', '1')).code).toBe(0)
  expect(await rowsLine()).toMatch(
    /^rows {2}2 of 6 tables are known to be the same, the oldest look .* ago: antemortem verify$/,
  )
  expect((await at.cli('verify', '--max-load', '1')).code).toBe(0)
  expect(await verified()).toEqual({ tables: 6, verified: 6, oldest_at: expect.any(String) })
  await lab.rows('reports', `set session_replication_role = replica; update users set name = 'eve' where id = 500`)
  expect((await at.cli('verify', '--table', 'users', '--max-load', '1')).code).toBe(1)
  expect(await rowsLine()).toContain('rows  5 of 6 tables are known to be the same, 1 differs, the oldest look')
  await lab.stop('standby', 'immediate')
  expect(await verified()).toMatchObject({ tables: 6, verified: 5 })
  vi.unstubAllEnvs()
}, 120_000)
