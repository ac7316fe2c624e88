import { connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Proxy } from './proxy.ts'

/** A server that says back what it hears. */
const echo = createServer((socket) => socket.pipe(socket).on('error', () => undefined))
let proxy: Proxy
beforeEach(async () => {
  if (!echo.listening) await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  const address = echo.address()
  proxy = await Proxy.open(typeof address === 'object' && address !== null ? address.port : 0)
})
afterEach(async () => {
  await proxy.close()
  echo.close()
})

const client = async (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(proxy.port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
  })

/** What comes back, and after how long; null where nothing does in time. */
async function ask(socket: Socket, words: string, withinMs = 1_000): Promise<{ said: string; ms: number } | null> {
  const startedAt = performance.now()
  socket.write(words)
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), withinMs)
    socket.once('data', (chunk) => {
      clearTimeout(timer)
      resolve({ said: chunk.toString(), ms: performance.now() - startedAt })
    })
  })
}

test('what is sent arrives, and so does the answer', async () => {
  expect(await ask(await client(), 'hello')).toMatchObject({ said: 'hello' })
})

test('a delay counts for each way', async () => {
  const socket = await client()
  await proxy.set({ is: 'delay', ms: 60 })
  const answer = await ask(socket, 'slow')
  expect(answer?.said).toBe('slow')
  expect(answer?.ms).toBeGreaterThanOrEqual(119)
})

test('a black hole swallows what is said on connections old and new, until it is gone', async () => {
  const old = await client()
  expect(await ask(old, 'before')).not.toBeNull()
  await proxy.set({ is: 'black-hole' })
  const fresh = await client()
  expect(await Promise.all([ask(old, 'one', 80), ask(fresh, 'two', 80)])).toEqual([null, null])
  await proxy.set({ is: 'open' })
  expect((await ask(old, '!'))?.said).toMatch(/^one/)
  expect((await ask(fresh, '!'))?.said).toMatch(/^two/)
})

test('a refused way resets old connections and lets none in, until it is open again', async () => {
  const old = await client()
  const reset = new Promise((resolve) => old.once('error', (error) => resolve(Reflect.get(error, 'code'))))
  await proxy.set({ is: 'refuse' })
  expect(await reset).toBe('ECONNRESET')
  await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await proxy.set({ is: 'open' })
  expect(await ask(await client(), 'again')).toMatchObject({ said: 'again' })
})

test('a server that is not there is a connection reset', async () => {
  await new Promise<void>((resolve) => echo.close(() => resolve()))
  const socket = await client()
  const code = await new Promise((resolve) => socket.once('error', (error) => resolve(Reflect.get(error, 'code'))))
  expect(code).toBe('ECONNRESET')
})
