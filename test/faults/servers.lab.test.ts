import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withActor } from '../../src/engines/postgres/act/actor.ts'
import { openNode, openSession, readAddress } from '../../src/engines/postgres/index.ts'
import { hasSshd, startSshd } from '../../src/hosts/testing/sshd.ts'
import { Proxy } from '../../src/lab/proxy/proxy.ts'
import { checkReportShape } from '../../src/shapes/check.ts'
import { Session } from '../../src/lab/sql.ts'
import { hasFaketime, hasOldServer, oldServer, startAhead, startOwnServer } from '../own-server.ts'
import { hasPgbouncer, startPgbouncer } from '../pgbouncer.ts'
import { lab, dir, write, configure, antemortem, watched, contractTest, change } from './surroundings.ts'

/** What the last one left in the session that all share. */
async function leftBehind(url: string): Promise<unknown> {
  const limits = { signal: AbortSignal.timeout(10_000), deadlineMs: 5_000 }
  const opened = await openSession(readAddress(url), { applicationName: 'next', ...limits })
  if (!opened.ok) return opened.failure
  const text = `select current_setting('default_transaction_read_only') as read_only, current_setting('statement_timeout') as timeout,
    current_setting('search_path') as path, current_setting('row_security') as row_security`
  const answer = await opened.session.run({ text }, limits)
  await opened.session.close()
  return answer.ok ? answer.rows : answer.failure
}
const untouched = [{ read_only: 'off', timeout: '0', path: '"$user", public', row_security: 'on' }]

describe.skipIf(!hasPgbouncer)('a pooler', () => {
  test.each(['transaction', 'session'] as const)(
    'as the address of a node is told as one, and nothing is left in its %s',
    async (mode) => {
      // Newer ones take the options of a session, and throw them away.
      const settings = { ignore_startup_parameters: 'options' }
      await using pooler = await startPgbouncer({ lab, node: 'primary', mode, roles: ['antemortem'], settings })
      const url = pooler.through(lab.url('primary', 'watch'))
      const alone = await antemortem('check', url)
      expect(alone.code).toBe(3)
      expect(alone.out).toContain('a pooler answers here')
      expect(alone.out).toMatch(/point the url of this node at the server itself/)
      configure({ urls: { primary: url } })
      const events = await watched('1s')
      expect(events.opened).toContain('connections/reachable primary')
      expect(events.words).toContain('a pooler answers here')
      const diagnosis = await antemortem('diagnose')
      expect(diagnosis.out).toMatch(/^primary could not be read/)
      expect(diagnosis.out).toContain('point the url of this node at the server itself')
      expect(diagnosis.out).toMatch(/ruled out +Server down/)
      expect(await leftBehind(url)).toEqual(untouched)
    },
  )

  test.each(['transaction', 'session'] as const)(
    'on the way of the application is the way of its contract, in %s mode as it is installed',
    async (mode) => {
      await using pooler = await startPgbouncer({ lab, node: 'primary', mode, roles: ['app'] })
      const url = pooler.through(lab.url('primary', 'app'))
      configure({ routes: { primary: url } })
      expect(await contractTest()).toMatchObject({ code: 0, layers: ['primary ok', 'standby ok', 'reports ok'] })
      const { opened } = await watched('1s')
      expect(opened.filter((each) => each.startsWith('connections/'))).toEqual([])
      expect(await leftBehind(url)).toEqual(untouched)
    },
  )

  test('as the address of the acting role is refused before anything is done', async () => {
    const settings = { ignore_startup_parameters: 'options' }
    await using pooler = await startPgbouncer({ lab, node: 'primary', mode: 'transaction', roles: ['app'], settings })
    const url = pooler.through(lab.url('primary', 'app'))
    const options = { signal: AbortSignal.timeout(10_000), deadlineMs: 8_000, about: 'a test' }
    const acting = withActor('primary', url, options, async (actor) => actor.run({ text: 'select 1' }))
    await expect(acting).rejects.toMatchObject({
      message: expect.stringContaining('a pooler answers here'),
      hint: expect.stringContaining('point the url of this node at the server itself'),
    })
    expect(await leftBehind(url)).toEqual(untouched)
  })

  test('before a server that is away is told as slow or away, and what to look at', async () => {
    const settings = { server_connect_timeout: '1', query_wait_timeout: '2' }
    await using pooler = await startPgbouncer({
      lab,
      node: 'primary',
      mode: 'transaction',
      roles: ['app'],
      serverPort: 1,
      settings,
    })
    configure({ routes: { primary: pooler.through(lab.url('primary', 'app')) } })
    const { code, contracts, layers } = await contractTest()
    expect(code).toBe(1)
    expect(layers).toEqual(['primary capacity', 'standby ok', 'reports ok'])
    expect(contracts[0]?.remedy).toContain('where a pooler is between, ask its SHOW POOLS')
  })
})

test('timeouts of a millisecond on every server end the sessions of others, and hide nothing from us', async () => {
  change()
  const timeouts = ['statement_timeout', 'lock_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout']
  for (const { name } of lab.nodes) {
    lab.setConf(name, Object.fromEntries(timeouts.map((timeout) => [timeout, '1ms'])))
    lab.reload(name)
  }
  const { code, out } = await antemortem('check', '--format', 'json')
  const [cluster] = checkReportShape.parse(JSON.parse(out)).clusters
  expect(cluster?.nodes.map(({ role }) => role)).toEqual(['primary', 'standby', 'subscriber'])
  expect(cluster?.results.flatMap(({ blind }) => blind.filter(({ node }) => node !== 'auth'))).toEqual([])
  expect([0, 1]).toContain(code)
  // What we set for ourselves is not what the server has: nobody has locked it, and all nodes are alike.
  const found = new Set(cluster?.findings.map(({ check }) => check))
  expect([...found].filter((check) => !/^connections\/(?:auth|contract)$|durability|sequence/.test(check))).toEqual([])
  const tested = await contractTest()
  expect(tested.code).toBe(1)
  expect(tested.layers).toEqual(['primary role', 'standby role', 'reports role'])
  for (const { remedy } of tested.contracts) expect(remedy).toMatch(/(?:statement|session)_timeout.* of app/)
  expect((await watched('1s')).opened.filter((opened) => /availability|reachable|drift/.test(opened))).toEqual([])
})

describe.skipIf(!hasSshd)('another service', () => {
  test('at the other end is told as one', async () => {
    await using sshd = await startSshd()
    const port = /port (\d+)/.exec(sshd.log())?.[1] ?? ''
    const { code, out } = await antemortem('check', `postgres://antemortem@127.0.0.1:${port}/auth`)
    expect(code).toBe(3)
    expect(out).toContain('what answers on this port does not speak the PostgreSQL protocol')
    expect(out).toContain('correct the port: what answers there is not PostgreSQL')
    configure({ routes: { primary: `postgres://app@127.0.0.1:${port}/auth` } })
    expect(await contractTest()).toMatchObject({ code: 1, layers: ['primary tcp', 'standby ok', 'reports ok'] })
  })
})

describe('a server that takes two seconds for an answer', () => {
  let proxy: Proxy
  let slow: string
  beforeEach(async () => {
    proxy = await Proxy.open(lab.node('primary').port)
    slow = lab.url('primary', 'watch').replace(/(?<=127\.0\.0\.1:)\d+/, String(proxy.port))
    configure({ urls: { primary: slow } })
  })
  afterEach(async () => proxy.close())

  test('is told by a single look as one that does not answer, and the others are looked at', async () => {
    await proxy.set({ is: 'delay', ms: 1000 })
    const startedAt = performance.now()
    const { code, out } = await antemortem('check')
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(out).toMatch(/primary +not seen +no answer for/)
    expect(out).toMatch(/standby +standby/)
    expect(out).toContain('look at the load of the server and its host')
    expect(code).toBe(1)
  })

  test('becomes so while it is watched, and is watched on: late is not gone', async () => {
    const late = setTimeout(() => void proxy.set({ is: 'delay', ms: 1000 }), 1_500)
    const { code, events } = await watched('8s')
    clearTimeout(late)
    // Until it is known to be slow it may be silent.
    const open = new Set<string>()
    for (const { type, finding } of events)
      if (finding?.node === 'primary') open[type === 'finding.opened' ? 'add' : 'delete'](finding.check)
    expect([...open].filter((check) => !check.startsWith('configuration/'))).toEqual([])
    expect(code).toBe(0)
  })

  test('is connected to, when it has accepted in time', async () => {
    await proxy.set({ is: 'delay', ms: 100 })
    const signal = AbortSignal.timeout(20_000)
    const link = await openNode({ name: 'primary', url: slow, signal, deadlineMs: 150, answerMs: 10_000 })
    expect(link.lastAttempt).toBeNull()
    const reached = await link.reach(signal)
    await link.close()
    expect(reached.ok).toBe(true)
  })
})

describe('a server under two names', () => {
  test('is told once, is no split brain, and nothing on it is counted twice', async () => {
    change()
    const rule = `    checks: { few: { sql: "select count(*) from users", expect: 1, on: [primary, writer] } }\n`
    configure({ urls: { writer: lab.url('primary', 'watch') }, more: rule })
    const { out } = await antemortem('check', '--format', 'json')
    const [cluster] = checkReportShape.parse(JSON.parse(out)).clusters
    const perCheck = cluster?.results.flatMap(({ found }) => found.map(({ check, subject }) => `${check} ${subject}`))
    expect(perCheck?.filter((each) => each.startsWith('custom/few'))).toHaveLength(1)
    expect(perCheck?.filter((each) => /writer|split-brain/.test(each))).toEqual([])
    expect((await antemortem('check')).out).toContain(
      'writer: it is the same server as primary, under another name: what is seen there is not counted again',
    )
    expect((await antemortem('accept')).code).toBe(0)

    const changed = setTimeout(() => void lab.rows('primary', 'create table made_here (id int)'), 1_500)
    const { events, changes, opened } = await watched('4s')
    clearTimeout(changed)
    expect(events.filter(({ type }) => type === 'check.blind')).toMatchObject([
      {
        unchecked: {
          node: 'writer',
          why: 'named-twice',
          remedy: expect.stringContaining('take one of the two names out'),
        },
      },
    ])
    expect(changes).toEqual(['primary:public.made_here'])
    expect(opened.filter((each) => /writer|split-brain/.test(each))).toEqual([])
  })
})

describe.skipIf(!hasOldServer)('PostgreSQL 12', () => {
  test('is refused by its version, is told which would do, and the others are watched', async () => {
    await using old = await startOwnServer(oldServer)
    const url = `postgres://antemortem@127.0.0.1:${old.port}/postgres`
    const { code, out } = await antemortem('check', url)
    expect(code).toBe(3)
    expect(out).toMatch(/PostgreSQL 12\.\d+ is older than 13/)
    expect(out).toContain('use PostgreSQL 13 to 18')
    configure({ urls: { primary: url } })
    const { events, opened, words } = await watched('1s')
    expect(events.map(({ type }) => type)).toContain('watch.started')
    expect(opened).toContain('connections/reachable primary')
    expect(words).toMatch(/PostgreSQL 12\.\d+ is older than 13/)
    const diagnosis = await antemortem('diagnose')
    expect(diagnosis.out).toMatch(/^primary could not be read/)
    expect(diagnosis.out).toContain('use PostgreSQL 13 to 18')
  })
})

describe('ten thousand tables', () => {
  test('hold up neither a single look nor the watching, and one more is seen', async () => {
    change()
    await lab.rows('reports', 'create database many')
    const many = (url: string): string => url.replace(/\/auth$/, '/many')
    await Session.use(many(lab.url('reports', 'admin')), async (session) => {
      await session.rows('set synchronous_commit = off')
      // In one transaction its locks would not have room.
      await session.rows(`do $$ begin
        for i in 1..10000 loop
          execute format('create table t%s (id int)', i);
          if i % 1000 = 0 then commit; end if;
        end loop; end $$`)
    })
    write('many.url', many(lab.url('reports', 'watch')))
    const node = `many: { url: "file:${join(dir, 'many.url')}" }`
    write('antemortem.yaml', `clusters: { many: { engine: postgres, nodes: { ${node} } } }\n`)
    const startedAt = performance.now()
    const { out } = await antemortem('check', '--format', 'json')
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    const [cluster] = checkReportShape.parse(JSON.parse(out)).clusters
    const late = cluster?.results.flatMap(({ blind }) => blind.filter(({ why }) => why === 'timed-out'))
    expect(late).toEqual([])

    let made: Promise<unknown> = Promise.resolve()
    // After its first description, on a busy machine as well.
    setTimeout(() => {
      made = Session.use(many(lab.url('reports', 'admin')), async (to) => to.rows('create table late (id int)'))
    }, 6_000)
    const { opened, changes } = await watched('14s')
    await made
    expect(changes).toEqual(['many:public.late'])
    expect(opened.filter((each) => /reachable|lost/.test(each))).toEqual([])
    expect((await antemortem('status')).out).toMatch(/many +primary/)
  })
})

describe.skipIf(!hasFaketime)('a clock that is half a minute ahead', () => {
  test('is told as one, and no lag or loss is made of it', async () => {
    change()
    await lab.stop('standby', 'fast')
    await startAhead(lab.node('standby'), 31)
    await expect.poll(async () => lab.rows('standby', 'select 1').catch(() => []), { timeout: 10_000 }).toHaveLength(1)
    await lab.caughtUp()
    const { code, out } = await antemortem('check', '--only', 'configuration/clock-skew')
    expect(code).toBe(1)
    expect(out).toMatch(/the clock of standby is 31\.\d s ahead of ours/)
    expect(out).toContain('timedatectl')
    const { opened, words } = await watched('3s')
    expect(opened).toContain('configuration/clock-skew standby')
    expect(opened.filter((each) => /lost|connected|availability|contract/.test(each))).toEqual([])
    expect(words).not.toContain('incident.opened')
    expect((await antemortem('diagnose')).code).toBe(0)
  })
})
