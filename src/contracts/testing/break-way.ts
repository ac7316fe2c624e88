import { spawn } from 'node:child_process'
import { connect, createServer, type Socket } from 'node:net'
import { other, type Break } from './scene.ts'

/** Something that listens and is no server. */
const listening =
  (handle: (socket: Socket) => void): Break =>
  async (mend) => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      handle(socket)
    })
    mend.defer(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return { url: `postgres://app:x@127.0.0.1:${port}/auth`, settings: 'DB_CONNECT_TIMEOUT_MS=300\n' }
  }

/** Holds its places in the queue of a listener that accepts nobody: the next packets are dropped, as a firewall does. */
const dropping: Break = async (mend) => {
  const program = `const s = require('node:net').createServer(); s.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => { require('node:fs').writeSync(1, s.address().port + '\\n'); for (;;); })`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  mend.defer(() => void child.kill('SIGKILL'))
  const port = await new Promise<number>((resolve) =>
    child.stdout.once('data', (bytes) => resolve(Number(String(bytes)))),
  )
  const held = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
  mend.defer(() => held.forEach((socket) => socket.destroy()))
  await new Promise((resolve) => held[0]?.once('connect', resolve))
  process.kill(child.pid ?? 0, 'SIGSTOP')
  return { url: `postgres://app:x@127.0.0.1:${port}/auth`, settings: 'DB_CONNECT_TIMEOUT_MS=300\n' }
}

/** Between the application's host and the server. */
export const breakWay = {
  name: other((url) => ({ url: url.replace('127.0.0.1', 'no-such-host.invalid') })),
  'port-closed': other((url) => ({ url: url.replace(/:\d+\//, ':1/') })),
  'packets-dropped': dropping,
  reset: listening((socket) => socket.resetAndDestroy()),
  silent: listening(() => undefined),
  'not-postgres': listening((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  'socket-missing': other(() => ({ url: 'postgres://app:x@/auth?host=/run/nothing-here' })),
  'root-missing': other((url) => ({ url: `${url}?sslmode=verify-full&sslrootcert=/no/such/file` })),
  'tls-none': other((url) => ({ url: `${url}?sslmode=require` })),
} satisfies Readonly<Record<string, Break>>
