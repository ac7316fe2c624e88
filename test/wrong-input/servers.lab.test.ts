import { readFileSync } from 'node:fs'
import { createServer as httpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  lab,
  env,
  config,
  write,
  settings,
  antemortem,
  inTurn,
  contractsIn,
  eventsIn,
  opened,
  leaked,
} from './program.ts'

describe('a server that is none', () => {
  let servers: readonly Server[]
  let ports: Readonly<Record<'half' | 'reset' | 'http' | 'tls', number>>

  beforeEach(async () => {
    const swallow = (socket: { on(name: 'error', then: () => void): unknown }): unknown =>
      socket.on('error', () => undefined)
    const answering = (text: string): Server =>
      createServer((socket) => {
        swallow(socket)
        socket.once('data', () => socket.write(text))
      })
    const made = {
      half: createServer((socket) => void swallow(socket)),
      reset: createServer((socket) => {
        swallow(socket)
        socket.destroy()
      }),
      http: httpServer((_, response) => response.end('hello')),
      tls: answering('S'),
    }
    servers = Object.values(made)
    await Promise.all(
      servers.map(async (server) => new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))),
    )
    const port = (server: Server): number => (server.address() as AddressInfo).port
    ports = {
      half: port(made.half),
      reset: port(made.reset),
      http: port(made.http),
      tls: port(made.tls),
    }
  })
  afterEach(() => servers.forEach((server) => server.close()))

  test('check and diagnose say so within seconds, and exit with 3', async () => {
    const all: readonly (readonly [string, number, RegExp])[] = [
      ['nobody listens', 1, /ECONNREFUSED/],
      ['hangs up', ports.reset, /ECONNRESET|terminated/],
      ['speaks HTTP', ports.http, /does not speak the PostgreSQL protocol/],
      ['accepts and never answers', ports.half, /no answer/],
      ['falls silent before TLS', ports.tls, /no answer/],
    ]
    const wrong: string[] = []
    await inTurn(all, 6, async ([words, port, expected]) => {
      const address = `postgres://x@127.0.0.1:${port}/db`
      write(`${port}.yaml`, `clusters: { a: { engine: postgres, nodes: { p: { url: "${address}" } } } }\n`)
      const [checked, diagnosed] = await Promise.all([
        antemortem('check', address),
        antemortem('diagnose', '--config', `${port}.yaml`),
      ])
      if (checked.code !== 3 || diagnosed.code !== 3 || !expected.test(checked.out))
        wrong.push(`${words}: exits ${checked.code} and ${diagnosed.code}: ${checked.out}`)
      if (Math.max(checked.ms, diagnosed.ms) > 30_000) wrong.push(`${words}: ${checked.ms} and ${diagnosed.ms} ms`)
    })
    expect(wrong).toEqual([])
  })

  test('contract test names the layer at which it ends', async () => {
    const from = (port: number): string => `postgres://app:x@127.0.0.1:${port}/auth`
    write(
      'app.env',
      `DATABASE_URL=${from(1)}\nREAD_STANDBY_URL=${from(ports.half)}\nREAD_REPORTS_URL=${from(ports.http)}\nDB_CONNECT_TIMEOUT_MS=1000\n`,
    )
    const { code, out } = await antemortem('contract', 'test', '--format', 'json')
    expect(contractsIn(out)).toEqual(['primary tcp', 'standby latency', 'reports tcp'])
    expect(code).toBe(1)
  })

  test('watch starts beside it: the node is a finding, and the others are watched', async () => {
    env['REPORTS'] = `postgres://antemortem@127.0.0.1:${ports.half}/auth`
    const { code, out } = await antemortem('watch', '--for', '2s', '--format', 'json')
    const events = eventsIn(out)
    expect(events.map(({ type }) => type)).toContain('watch.started')
    expect(opened(events)).toContain('connections/reachable reports')
    expect(code).toBe(0)
  })
})

describe('a role that may too little', () => {
  test('without pg_monitor it is told what to grant; only --strict makes that an exit of 3', async () => {
    for (const node of ['primary', 'reports']) await lab.rows(node, `create role blind login password 'blind-pw'`)
    await lab.caughtUp()
    for (const name of ['primary', 'standby', 'reports']) {
      const { host, port } = lab.node(name)
      env[name.toUpperCase()] = `postgres://blind:blind-pw@${host}:${port}/auth`
    }
    // A lab runs without fsync, and its check says so: that is not what is asked here.
    const only = ['--only', 'replication/*']
    const [lax, strict] = await Promise.all([
      antemortem('check', ...only, '--format', 'json'),
      antemortem('check', ...only, '--strict'),
    ])
    expect(lax.out).not.toContain('blind-pw')
    expect(lax.out).toContain('grant pg_monitor to \\"blind\\"')
    expect(strict.out).toContain('grant pg_monitor to "blind"')
    expect([lax.code, strict.code]).toEqual([0, 3])
  })

  test('what docs/reading-role.md grants is enough to see everything, and no more', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/reading-role.md'), 'utf8')
    const grants = /```sql\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    const sql = grants.replaceAll(/\bantemortem\b/g, 'reader').replaceAll(/\bapp_owner\b/g, 'app')
    for (const node of ['primary', 'reports']) {
      await lab.rows(node, `${sql}; alter role reader password 'reader-pw'`)
      await lab.rows(node, 'create table made_later (id int)', [], 'app')
    }
    await lab.caughtUp()
    for (const name of ['primary', 'standby', 'reports']) {
      const { host, port } = lab.node(name)
      env[name.toUpperCase()] = `postgres://reader:reader-pw@${host}:${port}/auth`
    }
    const withHosts = ['primary', 'standby', 'reports'].reduce((text, name) => {
      const { dataDir, logFile } = lab.node(name)
      const url = `{ url: "env:${name.toUpperCase()}"`
      return text.replace(`${url} }`, `${url}, host: { local: true, data: ${dataDir}, log: ${logFile} } }`)
    }, config)
    write('antemortem.yaml', `${withHosts}        outcomes: "file:outcomes.ndjson"\n`)
    write('outcomes.ndjson', '')
    // A lab runs without fsync, and its check says so.
    const { code, out } = await antemortem('check', '--strict', '--fail-on', 'critical')
    expect(out).not.toContain('not seen')
    expect(code).toBe(0)
    const may = `select has_table_privilege('reader', 'made_later', 'select') as later, has_table_privilege('reader', 'made_later', 'insert') as writes,
      has_table_privilege('reader', 'pg_authid', 'select') as passwords, has_column_privilege('reader', 'pg_subscription', 'subconninfo', 'select') as connections,
      has_schema_privilege('reader', 'public', 'create') as makes, pg_has_role('reader', 'pg_read_all_data', 'usage') as everything`
    const only = { later: true, writes: false, passwords: false, connections: false, makes: false, everything: false }
    for (const node of ['primary', 'standby', 'reports']) expect(await lab.rows(node, may)).toEqual([only])
  })

  test('a login without SELECT fails at its role, and is told which grant', async () => {
    for (const node of ['primary', 'reports']) await lab.rows(node, `create role clerk login password 'clerk-pw'`)
    await lab.caughtUp()
    write('app.env', settings('clerk', 'clerk-pw'))
    const { code, out } = await antemortem('contract', 'test', '--format', 'json')
    expect(contractsIn(out)).toEqual(['primary role', 'standby role', 'reports role'])
    expect(out).toMatch(/grant/)
    expect(out).not.toContain('clerk-pw')
    expect(code).toBe(1)
  })
})

test('no run has printed a password or a stack, and no process had a password in its command line', () => {
  expect(leaked()).toEqual([])
})
