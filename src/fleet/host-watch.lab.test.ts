import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { Change } from '../core/change.ts'
import type { HostFact, LogEntryFact, LogsFact } from '../core/facts/cluster.ts'
import type { Lab } from '../lab/lab.ts'
import { testLab } from '../lab/testing.ts'
import { openHosts } from './host-watch.ts'
import type { HostWatch } from './hosts-seen.ts'

const signal = new AbortController().signal
let watch: HostWatch | null = null
afterEach(async () => watch?.close())

function watching(lab: Lab, onEntry: () => void = () => undefined): HostWatch {
  const nodes = lab.nodes.map(({ name, dataDir, logFile }) => ({
    name,
    host: { ssh: null, data: dataDir, log: logFile },
  }))
  watch = openHosts(nodes, { clock: Date.now, signal, onEntry })
  return watch
}

async function until<T>(what: string, ask: () => T | null | undefined, withinMs = 10_000): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const answer = ask()
    if (answer != null) return answer
    if (performance.now() > end)
      throw new Error(`it did not come: ${what}; ${JSON.stringify(watch?.facts(Date.now()))}`)
    await sleep(10)
  }
}

const logsOf = (open: HostWatch): LogsFact | null => {
  const { logs } = open.facts(Date.now())
  return logs.seen ? logs.value : null
}
const entry = (open: HostWatch, fits: (entry: LogEntryFact) => boolean): LogEntryFact | undefined =>
  logsOf(open)?.entries.find(fits)
const hostOf = (open: HostWatch, node: string): HostFact | undefined => {
  const { hosts } = open.facts(Date.now())
  return hosts.seen ? hosts.value.hosts.find((host) => host.node === node) : undefined
}
const allSeen = async (lab: Lab, open: HostWatch): Promise<void> => {
  await until('all logs and hosts', () => {
    const isRead = logsOf(open)?.readable.length === lab.nodes.length
    return isRead && lab.nodes.every(({ name }) => hostOf(open, name)) ? true : null
  })
}

test('an error on a server is an entry with its code within a second, without the values of the row', async () => {
  const lab = await testLab()
  let woken = 0
  const open = watching(lab, () => (woken += 1))
  await allSeen(lab, open)
  await lab.rows('primary', 'create table t (id int primary key, mail text)')
  const before = woken
  const startedMs = Date.now()
  const insert = "insert into t values (2106001771, 'ann@example.org')"
  await lab.rows('primary', `set application_name = 'login-1'; ${insert}; ${insert}`).catch(() => undefined)
  const found = await until('the entry', () => entry(open, ({ code }) => code === '23505'), 1000)
  expect(found).toEqual({
    node: 'primary',
    firstMs: found.lastMs,
    lastMs: found.lastMs,
    count: 1,
    severity: 'ERROR',
    code: '23505',
    message: 'duplicate key value violates unique constraint "t_pkey"',
    detail: 'Key (id)=(...) already exists.',
    context: null,
    role: expect.any(String),
    database: lab.node('primary').database,
    application: 'login-1',
  })
  expect(found.firstMs).toBeGreaterThanOrEqual(startedMs - 50)
  expect(found.firstMs).toBeLessThanOrEqual(Date.now())
  expect(woken).toBeGreaterThan(before)
  // Errors of our own sessions are nobody's business.
  await lab.rows('primary', 'select * from no_such_table').catch(() => undefined)
  await lab.rows('primary', "set application_name = 'login-1'; select 1 / 0").catch(() => undefined)
  await until('the next entry', () => entry(open, ({ code }) => code === '22012'))
  expect(entry(open, ({ code }) => code === '42P01')).toBeUndefined()
  expect(JSON.stringify(open.facts(Date.now()))).not.toMatch(/2106001771|ann@example/)
})

test('a postmaster that was killed is absent, its log tells nothing of it, and its return is seen', async () => {
  const lab = await testLab()
  const open = watching(lab)
  await allSeen(lab, open)
  const { port } = lab.node('primary')
  expect(hostOf(open, 'primary')).toMatchObject({ postmaster: 'running', port, missingLibraries: [], unseen: [] })
  expect(hostOf(open, 'primary')?.disks.map(({ what }) => what)).toEqual(['data', 'wal', 'log'])
  await lab.stop('primary', 'kill')
  await until('its absence', () => (hostOf(open, 'primary')?.postmaster === 'absent' ? true : null), 2500)
  expect(hostOf(open, 'standby')?.postmaster).toBe('running')
  await lab.start('primary')
  await until('its return', () => (hostOf(open, 'primary')?.postmaster === 'running' ? true : null), 2500)
  await until('its recovery', () => entry(open, ({ message }) => message.includes('not properly shut down')))
  await until('that it is ready', () => entry(open, ({ message }) => message.includes('ready to accept')))
})

test('what somebody writes into the files is a change before the server knows it, and so is what the server says of it', async () => {
  const lab = await testLab()
  const open = watching(lab)
  await allSeen(lab, open)
  open.takeChanges()
  const { dataDir } = lab.node('standby')
  lab.setConf('standby', { work_mem: '9MB', shared_preload_libraries: 'no_such_library' })
  appendFileSync(join(dataDir, 'postgresql.conf'), 'max_connections = 100 200\n')
  appendFileSync(join(dataDir, 'pg_hba.conf'), 'host all all 10.0.0.0/8 reject\n')
  const changes: Change[] = []
  await until('the changes', () => {
    changes.push(...open.takeChanges())
    return changes.length >= 4 ? true : null
  })
  const told = changes.toSorted((a, b) => (a.object < b.object ? -1 : 1))
  expect(told.map(({ kind, object, after, source }) => [kind, object, after, source])).toEqual([
    ['setting', 'standby:max_connections', expect.stringContaining('no setting: max_connections = 100 200'), 'file'],
    ['access', 'standby:pg_hba.conf', expect.stringContaining('rules '), 'file'],
    ['setting', 'standby:shared_preload_libraries', 'no_such_library', 'file'],
    ['setting', 'standby:work_mem', '9MB', 'file'],
  ])
  expect(hostOf(open, 'standby')).toMatchObject({
    missingLibraries: ['no_such_library'],
    misconfigured: [{ file: join(dataDir, 'postgresql.conf'), text: 'max_connections = 100 200' }],
  })
  lab.reload('standby')
  await until('the word of the server', () => entry(open, ({ message }) => message.includes('contains errors')))
})

test('a node without a host is blind, and a log that cannot be found says what to do; without any, nothing is known', async () => {
  const lab = await testLab()
  const { dataDir } = lab.node('primary')
  const none = openHosts([{ name: 'x', host: null }], { clock: Date.now, signal })
  expect(none.facts(0)).toMatchObject({ logs: { seen: false, why: 'not-configured' }, hosts: { seen: false } })
  await none.close()
  watch = openHosts(
    [
      { name: 'primary', host: { ssh: null, data: dataDir, log: join(dataDir, 'no.log') } },
      { name: 'standby', host: null },
    ],
    { clock: Date.now, signal },
  )
  const open = watch
  const logs = await until('the blind', () => {
    const known = logsOf(open)
    return known?.blind.some(({ why }) => why.includes('no log')) ? known : null
  })
  expect(logs).toMatchObject({
    readable: [],
    blind: [
      { node: 'primary', why: expect.stringContaining('no.log'), remedy: expect.stringContaining('log') },
      { node: 'standby', why: expect.stringContaining('configuration'), remedy: expect.stringContaining('host:') },
    ],
  })
})
