import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { probe } from './probe.ts'
import { readSettings } from './settings.ts'
import type { ProbeTarget } from './targets.ts'

const open: Server[] = []
const sockets = new Set<Socket>()

/** A server that does what it is told with each connection. */
async function listen(handle: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    handle(socket)
  })
  open.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of open.splice(0)) server.close()
})

const target = (url: string): ProbeTarget => ({
  contract: 'login',
  instance: 'app',
  node: 'primary',
  route: 'application',
  mustWrite: true,
  settings: readSettings(`DATABASE_URL=${url}\nDB_CONNECT_TIMEOUT_MS=300\nDB_QUERY_TIMEOUT_MS=300`, '/srv/app/.env'),
})

const options = {
  signal: new AbortController().signal,
  canary: 'select 1',
  withinMs: 250,
  key: Buffer.from('key'),
  from: 'here',
  failures: 1,
}

/** A message of the protocol: a letter, its length, its body. */
function message(letter: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(letter), length, body])
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const authenticated = Buffer.concat([message('R', int32(0)), message('Z', Buffer.from('I'))])

describe('probe says which layer failed', () => {
  test('dns', async () => {
    const { fact, remedy } = await probe(target('postgres://app:x@no-such-host.invalid/auth'), options)
    expect(fact).toMatchObject({ ok: false, layer: 'dns', role: 'app', failures: 2, instance: 'app', from: 'here' })
    expect(remedy).toContain('/srv/app/.env (DATABASE_URL)')
  })

  test.each(['disable', 'prefer'])(
    'a port that accepts and says nothing ends at the contract’s own timeout (%s)',
    async (mode) => {
      const port = await listen(() => undefined)
      const { fact } = await probe(target(`postgres://app:x@127.0.0.1:${port}/auth?sslmode=${mode}`), options)
      expect(fact).toMatchObject({ ok: false, layer: 'latency', code: 'CLIENT_DEADLINE' })
      expect(fact.ms).toBeGreaterThan(250)
      expect(fact.ms).toBeLessThan(2_000)
    },
  )

  test('a server that lets in and then falls silent', async () => {
    const port = await listen((socket) => void socket.once('data', () => socket.write(authenticated)))
    const { fact } = await probe(target(`postgres://app:x@127.0.0.1:${port}/auth?sslmode=disable`), options)
    expect(fact).toMatchObject({ ok: false, layer: 'latency', code: 'CLIENT_DEADLINE' })
    expect(fact.ms).toBeLessThan(3_000)
  })

  test('a server that lets in and dies', async () => {
    const port = await listen((socket) => {
      socket.once('data', () => {
        socket.write(authenticated)
        socket.once('data', () => socket.destroy())
      })
    })
    const { fact } = await probe(target(`postgres://app:x@127.0.0.1:${port}/auth?sslmode=disable`), options)
    expect(fact).toMatchObject({ ok: false, layer: 'tcp' })
  })
})

describe('the login of a standby', () => {
  const standby = (port: number): ProbeTarget => ({
    contract: 'standby',
    instance: 'db2',
    node: 'primary',
    route: 'application',
    mustWrite: false,
    settings: readSettings(
      `primary_conninfo = 'host=127.0.0.1 port=${port} user=replicator password=x sslmode=disable connect_timeout=1'`,
      '/srv/db2/postgresql.auto.conf',
    ),
  })
  const said = async (make: (port: number) => ProbeTarget): Promise<string> => {
    const heard: Buffer[] = []
    const port = await listen((socket) => {
      socket.once('data', () => {
        socket.write(authenticated)
        socket.once('data', () => socket.destroy())
      })
      socket.on('data', (bytes) => void heard.push(bytes))
    })
    await probe(make(port), options)
    return Buffer.concat(heard).toString('latin1').replaceAll('\0', ' ')
  }

  test('asks a walsender who it is, and nothing of a contract', async () => {
    const words = await said(standby)
    expect(words).toContain(' replication true ')
    expect(words).toContain(' database replication ')
    expect(words).toContain('IDENTIFY_SYSTEM')
    expect(words).not.toMatch(/select|begin|PGDATABASE/i)
  })

  test('is another one than that of an application', async () => {
    expect(await said((port) => target(`postgres://app:x@127.0.0.1:${port}/auth?sslmode=disable`))).not.toMatch(
      /replication|IDENTIFY_SYSTEM/,
    )
  })

  test('never takes the last walsender', async () => {
    const port = await listen(() => expect.unreachable())
    const { fact, remedy } = await probe(standby(port), { ...options, walsenders: 1 })
    expect(fact).toMatchObject({ ok: false, layer: 'capacity', code: null, role: 'replicator' })
    expect(remedy).toContain('max_wal_senders')
  })
})

test('settings that cannot be read are a result without a layer', async () => {
  const problem = { layer: null, code: 'ENOENT', message: 'cannot read its settings', remedy: 'Give it.' }
  const unread: ProbeTarget = { contract: 'login', instance: 'app', node: 'primary', route: 'application', problem }
  const { fact, remedy } = await probe(unread, options)
  expect(fact).toMatchObject({ ok: false, layer: null, role: null, code: 'ENOENT', ms: 0 })
  expect(remedy).toBe('Give it.')
})

test('an abort ends it at once and rejects', async () => {
  const port = await listen(() => undefined)
  const stop = new AbortController()
  const running = probe(target(`postgres://app:x@127.0.0.1:${port}/auth`), { ...options, signal: stop.signal })
  await sleep(50)
  stop.abort(new Error('stopped'))
  await expect(running).rejects.toThrow('stopped')
})
