import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { NodeView } from '../core/snapshot.ts'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import type { Fleet, FleetTick } from './fleet.ts'
import { openFleet } from './fleet.ts'

const signal = new AbortController().signal
let fleet: Fleet | null = null
afterEach(async () => fleet?.close())

async function watching(lab: Lab): Promise<Fleet> {
  const nodes = lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'watch'), act: null, host: null }))
  fleet = await openFleet({ nodes }, { clock: Date.now, signal })
  return fleet
}

const nodeOf = (tick: FleetTick, name: string): NodeView => {
  const node = tick.nodes.find((one) => one.name === name)
  if (!node) throw new Error(`no node ${name}`)
  return node
}

/** Ticks until a tick fits, in its own rhythm: faster than in `watch`. */
async function until(open: Fleet, fits: (tick: FleetTick) => boolean, withinMs = 15_000): Promise<FleetTick> {
  const end = performance.now() + withinMs
  for (;;) {
    const tick = await open.tick()
    if (fits(tick)) return tick
    if (performance.now() > end)
      throw new Error(`it did not come; the last tick was ${JSON.stringify(tick).slice(0, 3000)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** The postmaster and all its children stop as if their machine had frozen: the port still accepts. */
function freeze(lab: Lab, node: string, how: 'SIGSTOP' | 'SIGCONT'): void {
  const [first = ''] = readFileSync(join(lab.node(node).dataDir, 'postmaster.pid'), 'utf8').split('\n')
  const children = readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return / (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) \S/, ''))?.[1] === first
    } catch {
      // It has ended between the two looks.
      return false
    }
  })
  for (const pid of [first, ...children]) process.kill(Number(pid), how)
}

test('the first tick knows every node and what it is for; nothing has changed', async () => {
  const lab = await testLab()
  const tick = await (await watching(lab)).tick()
  expect(tick.nodes.map(({ name, role, upstream }) => [name, role, upstream])).toEqual([
    ['primary', 'primary', null],
    ['standby', 'standby', 'primary'],
    ['reports', 'subscriber', 'primary'],
  ])
  for (const { facts } of tick.nodes) for (const fact of Object.values(facts)) expect(fact.seen).toBe(true)
  expect(tick.changes).toEqual([])
  expect(tick.unansweredMs).toEqual({ primary: 0, standby: 0, reports: 0 })
  expect(tick.paths).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
})

test('a change of schema, publication, subscription and setting is told once, within the tick that sees it move', async () => {
  const lab = await testLab()
  const open = await watching(lab)
  await open.tick()
  await open.tick()
  await lab.rows('primary', 'alter table users add column email text')
  await lab.rows('primary', 'alter publication auth_pub drop table users')
  await lab.rows('reports', 'alter subscription reports_sub disable')
  lab.setConf('standby', { work_mem: '8MB' })
  lab.reload('standby')
  const seen = new Map<string, string | null>()
  await until(open, ({ changes }) => {
    for (const { object, after, notBeforeMs, atMs, id } of changes) {
      expect(seen.has(object) ? `${object} again` : object).toBe(object)
      expect(notBeforeMs).toBeLessThan(atMs)
      expect(id).toContain('chg-')
      seen.set(object, after)
    }
    return seen.size >= 4
  })
  expect(Object.fromEntries(seen)).toEqual({
    'primary:public.users': 'column email text',
    'primary:publication auth_pub:public.users': null,
    'reports:subscription reports_sub': 'disabled',
    'standby:work_mem': '8192',
  })
  expect((await open.tick()).changes).toEqual([])
})

test('a frozen standby is silent and delays nobody; it is back when it goes on', async () => {
  const lab = await testLab()
  const open = await watching(lab)
  await open.tick()
  freeze(lab, 'standby', 'SIGSTOP')
  try {
    for (let i = 0; i < 2; i += 1) {
      const startedAt = performance.now()
      const tick = await open.tick()
      expect(performance.now() - startedAt).toBeLessThan(1500)
      expect(nodeOf(tick, 'primary').facts.wal.seen).toBe(true)
      expect(nodeOf(tick, 'reports').facts.wal.seen).toBe(true)
      const { role, upstream, facts } = nodeOf(tick, 'standby')
      expect({ role, upstream }).toEqual({ role: 'standby', upstream: 'primary' })
      expect(facts.wal).toMatchObject({ seen: false, why: 'timed-out' })
      expect(facts.tables.seen).toBe(true)
      expect(tick.unansweredMs['standby']).toBeGreaterThan(500)
      expect(tick.paths.find(({ node }) => node === 'standby')).toMatchObject({ ok: false })
    }
  } finally {
    freeze(lab, 'standby', 'SIGCONT')
  }
  const back = await until(open, (tick) => nodeOf(tick, 'standby').facts.wal.seen)
  expect(back.unansweredMs['standby']).toBe(0)
})

test('a dead primary keeps its role and its schema; its return is a restart', async () => {
  const lab = await testLab()
  const open = await watching(lab)
  await open.tick()
  await lab.stop('primary', 'immediate')
  const gone = await until(open, (tick) => !nodeOf(tick, 'primary').facts.server.seen)
  expect(nodeOf(gone, 'primary')).toMatchObject({
    role: 'primary',
    facts: { server: { why: 'unreachable' }, tables: { seen: true } },
  })
  expect(nodeOf(gone, 'standby')).toMatchObject({ role: 'standby', upstream: 'primary' })
  await lab.start('primary')
  const changes = [...(await until(open, (tick) => tick.changes.length > 0)).changes]
  expect(changes).toMatchObject([{ kind: 'topology', object: 'primary', after: expect.stringContaining('restarted') }])
})

test('a node that was never there has no role, and the others are watched', async () => {
  const lab = await testLab()
  const nodes = [
    { name: 'primary', url: lab.url('primary', 'watch'), act: null, host: null },
    { name: 'gone', url: 'postgres://a@127.0.0.1:1/a', act: null, host: null },
  ]
  fleet = await openFleet({ nodes }, { clock: Date.now, signal })
  const tick = await fleet.tick()
  expect(nodeOf(tick, 'gone')).toMatchObject({
    role: null,
    facts: { server: { seen: false, why: 'unreachable' }, tables: { seen: false } },
  })
  expect(nodeOf(tick, 'primary').role).toBe('primary')
})

test('a signal ends it', async () => {
  const lab = await testLab()
  const controller = new AbortController()
  const nodes = [{ name: 'primary', url: lab.url('primary', 'watch'), act: null, host: null }]
  fleet = await openFleet({ nodes }, { clock: Date.now, signal: controller.signal })
  await fleet.tick()
  controller.abort()
  await expect(fleet.tick()).rejects.toMatchObject({ name: 'AbortError' })
})
