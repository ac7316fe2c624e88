import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { roundTrip } from './round-trip.ts'

const servers: Server[] = []
const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** A server that treats each connection so; its port. */
async function listening(treat: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    treat(socket)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const limits = (deadlineMs: number) => ({ signal: new AbortController().signal, deadlineMs })
const to = (port: number) => ({ host: '127.0.0.1', port })

test('the time of one answer is the time of the way', async () => {
  const port = await listening((socket) => socket.once('data', () => setTimeout(() => socket.write('N'), 60)))
  const ms = await roundTrip(to(port), limits(5000))
  expect(ms).toBeGreaterThanOrEqual(55)
  expect(ms).toBeLessThan(4000)
})

test('a port that accepts and says nothing is silence', async () => {
  const port = await listening(() => undefined)
  expect(await roundTrip(to(port), limits(80))).toBeNull()
})

test('who refuses or hangs up is there', async () => {
  const port = await listening((socket) => socket.destroy())
  expect(await roundTrip(to(port), limits(5000))).toBeUndefined()
  const closed = await listening(() => undefined)
  await new Promise((resolve) => servers.pop()?.close(resolve))
  expect(await roundTrip(to(closed), limits(5000))).toBeUndefined()
})
