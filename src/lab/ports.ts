import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Free ports below the range that the system hands to outgoing connections (from 32768 on Linux, 49152 elsewhere). In that
 * range a client that tries again and again to reach a stopped server would one day be given its port and reach itself.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(15_000, 30_000)
    if (!ports.has(port) && (await isFree(port))) ports.add(port)
  }
  return [...ports]
}

export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
