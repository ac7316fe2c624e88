import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openNode } from './connect.ts'
import type { LinkFailure } from './failure.ts'
import { sampleFast, sampleSlow } from './sample.ts'

const signal = AbortSignal.timeout(20_000)
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server that is none. */
async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address: string | AddressInfo | null = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function failureAt(where: string, deadlineMs = 300): Promise<LinkFailure> {
  const link = await openNode({ name: 'n', url: where, signal, deadlineMs })
  const reached = await link.reach(signal)
  await link.close()
  if (reached.ok) throw new Error('it answered')
  return reached.failure
}

/** An error of the server: fields of an ErrorResponse. */
function errorResponse(fields: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(
    `${Object.entries(fields)
      .map(([key, value]) => `${key}${value}\0`)
      .join('')}\0`,
  )
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const url = (port: number, more = '?sslmode=disable'): string => `postgres://app:hunter2@127.0.0.1:${port}/auth${more}`

test('a port where nobody listens refuses', async () => {
  const port = await listen(() => undefined)
  for (const close of closing.splice(0)) close()
  expect(await failureAt(url(port))).toMatchObject({ why: 'unreachable', layer: 'tcp', code: 'ECONNREFUSED' })
  expect(await failureAt(`postgres://app@localhost:${port}/auth`)).toMatchObject({
    layer: 'tcp',
    code: 'ECONNREFUSED',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test('a name that does not exist is a failure of the name service', async () => {
  expect(await failureAt('postgres://app@no-such-host.invalid/auth', 5000)).toMatchObject({
    why: 'unreachable',
    layer: 'dns',
  })
})

test('a server that accepts and never answers is given up in time', async () => {
  const port = await listen(() => undefined)
  const startedAt = performance.now()
  expect(await failureAt(url(port))).toMatchObject({
    why: 'timed-out',
    layer: 'latency',
    code: 'CLIENT_DEADLINE',
    phase: 'startup',
  })
  expect(performance.now() - startedAt).toBeLessThan(2000)
  expect(await failureAt(url(port, '?sslmode=require'))).toMatchObject({ why: 'timed-out', phase: 'tls' })
})

test('a server that closes, resets or speaks HTTP is not PostgreSQL', async () => {
  const closes = await listen((socket) => socket.end())
  const resets = await listen((socket) => socket.resetAndDestroy())
  const http = await listen((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
  expect(await failureAt(url(closes))).toMatchObject({ why: 'unreachable', layer: 'tcp' })
  expect(await failureAt(url(resets))).toMatchObject({ why: 'unreachable', layer: 'tcp', code: 'ECONNRESET' })
  expect(await failureAt(url(http))).toMatchObject({ why: 'unreachable', layer: 'tcp', code: 'NOT_POSTGRESQL' })
})

test.each([
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['SSH, which begins like a yes to TLS', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['MySQL', Buffer.from('4a0000000a382e302e333600', 'hex')],
  ['Redis', '-ERR unknown command\r\n'],
  ['memcached, which begins like an error', 'ERROR\r\n'],
  ['NNTP, which begins like a no to TLS', 'NNTP ready\r\n'],
])('what speaks %s is named at once, though it leaves the connection open', async (_, words) => {
  const port = await listen((socket) => socket.on('data', () => socket.write(words)))
  const greets = await listen((socket) => socket.write(words))
  for (const [at, sslMode] of [
    [port, 'disable'],
    [port, 'prefer'],
    [greets, 'require'],
    [greets, 'prefer'],
  ] as const) {
    const startedAt = performance.now()
    expect({ sslMode, ...(await failureAt(url(at, `?sslmode=${sslMode}`), 5000)) }).toMatchObject({
      sslMode,
      why: 'unreachable',
      layer: 'tcp',
      code: 'NOT_POSTGRESQL',
      message: expect.stringContaining('does not speak the PostgreSQL protocol'),
    })
    expect(performance.now() - startedAt).toBeLessThan(1000)
  }
})

test('a server without TLS, where the url wants it, fails at TLS; `prefer` goes on without', async () => {
  const port = await listen((socket) =>
    socket.on('data', (bytes: Buffer) => {
      const wantsTls = bytes.length === 8
      socket.write(wantsTls ? 'N' : errorResponse({ S: 'FATAL', C: '3D000', M: 'database "auth" does not exist' }))
    }),
  )
  expect(await failureAt(url(port, '?sslmode=require'))).toMatchObject({ why: 'unreachable', layer: 'tls' })
  expect(await failureAt(url(port, ''))).toMatchObject({ why: 'not-configured', layer: 'database', code: '3D000' })
})

test.each([
  [{ C: '28000', R: 'ClientAuthentication', M: 'no pg_hba.conf entry' }, 'access', 'no-privilege'],
  [{ C: '28000', R: 'InitializeSessionUserId', M: 'role "app" is not permitted to log in' }, 'auth', 'no-privilege'],
  [{ C: '28P01', R: 'auth_failed', M: 'password authentication failed for user "app"' }, 'auth', 'no-privilege'],
  [
    { C: '55000', R: 'CheckMyDatabase', M: 'database "auth" is not currently accepting connections' },
    'database',
    'no-privilege',
  ],
  [{ C: '53300', R: 'ProcArrayAdd', M: 'sorry, too many clients already' }, 'capacity', 'unreachable'],
  [{ C: '57P03', R: 'ProcessStartupPacket', M: 'the database system is starting up' }, 'database', 'unreachable'],
  [{ C: '08P01', M: 'unsupported startup parameter: options' }, 'query', 'unreachable'],
])('%j is a failure of %s', async (fields, layer, why) => {
  const port = await listen((socket) => socket.on('data', () => socket.end(errorResponse({ S: 'FATAL', ...fields }))))
  expect(await failureAt(url(port))).toMatchObject({ layer, why, code: fields.C })
})

test('no failure tells a password, and a sample of a dead node is full of reasons', async () => {
  const port = await listen((socket) =>
    socket.on('data', () =>
      socket.end(
        errorResponse({ S: 'FATAL', C: '28P01', M: 'password=hunter2 is wrong for postgres://app:hunter2@x' }),
      ),
    ),
  )
  const link = await openNode({ name: 'n', url: url(port), signal, deadlineMs: 300 })
  const options = { signal, deadlineMs: 300, clock: () => 1000 }
  const samples = [await sampleFast(link, options), await sampleSlow(link, options)]
  await link.close()
  for (const { facts } of samples)
    for (const fact of Object.values(facts)) expect(fact).toMatchObject({ seen: false, why: 'no-privilege' })
  expect(Object.keys(samples[0]?.facts ?? {})).toContain('blocked')
  expect(JSON.stringify([samples, link.lastAttempt, link.address])).not.toContain('hunter2')
})

test('a refused login is not tried again at once', async () => {
  let tries = 0
  const port = await listen((socket) => {
    tries += 1
    socket.on('data', () => socket.end(errorResponse({ S: 'FATAL', C: '28P01', M: 'no' })))
  })
  const link = await openNode({ name: 'n', url: url(port), signal, deadlineMs: 300 })
  for (let i = 0; i < 20; i += 1) await link.reach(signal)
  await link.close()
  expect(tries).toBe(2)
})

test('only a connection string that cannot be read is the user’s error', async () => {
  await expect(openNode({ name: 'n', url: 'env:ANTEMORTEM_NOT_SET', signal, deadlineMs: 300 })).rejects.toMatchObject({
    code: 'url-missing',
    exit: 2,
  })
  await expect(openNode({ name: 'n', url: 'file:/nowhere', signal, deadlineMs: 300 })).rejects.toMatchObject({
    code: 'url-missing',
  })
})

test('an aborted wait ends at once', async () => {
  const port = await listen(() => undefined)
  const controller = new AbortController()
  const opening = openNode({ name: 'n', url: url(port), signal: controller.signal, deadlineMs: 60_000 })
  setTimeout(() => controller.abort(), 20)
  await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
})
