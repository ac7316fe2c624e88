import { createServer, connect, type Server, type Socket } from 'node:net'
import type { ProxyWay } from '../../core/lab-step.ts'
import { Line } from './line.ts'

interface Pair {
  readonly client: Socket
  /** Null while nobody has let it through. */
  lines: readonly [Line, Line] | null
}

/** A way to a server that can be slow, swallow all, or be closed. */
export class Proxy {
  readonly #to: number
  readonly #pairs = new Set<Pair>()
  #server: Server | null = null
  #way: ProxyWay = { is: 'open' }
  #port = 0

  private constructor(to: number) {
    this.#to = to
  }

  /** In front of a port of this host, at a port of its own; a free one for 0. */
  static async open(to: number, port = 0): Promise<Proxy> {
    const proxy = new Proxy(to)
    await proxy.#listen(port)
    return proxy
  }

  get port(): number {
    return this.#port
  }

  async set(way: ProxyWay): Promise<void> {
    this.#way = way
    if (way.is === 'refuse') {
      await this.#shut()
      return
    }
    if (this.#server === null) await this.#listen(this.#port)
    for (const pair of this.#pairs) {
      this.#letThrough(pair)
      pair.lines?.forEach((line) => line.pump())
    }
  }

  async close(): Promise<void> {
    await this.#shut()
  }

  async #listen(port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, host: '127.0.0.1' }, resolve)
    })
    const address = server.address()
    this.#port = typeof address === 'object' && address !== null ? address.port : port
    this.#server = server
  }

  /** Nobody listens any longer, and who was connected is told at once. */
  async #shut(): Promise<void> {
    const server = this.#server
    this.#server = null
    const closed = new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())))
    for (const { client, lines } of this.#pairs) {
      client.resetAndDestroy()
      lines?.[1].from.destroy()
    }
    this.#pairs.clear()
    await closed
  }

  #accept(client: Socket): void {
    const pair: Pair = { client, lines: null }
    this.#pairs.add(pair)
    client.setNoDelay(true)
    client.on('error', () => client.destroy())
    client.once('close', () => this.#pairs.delete(pair))
    this.#letThrough(pair)
  }

  /** Whoever comes while all is swallowed reaches the server only when the way is open again. */
  #letThrough(pair: Pair): void {
    if (pair.lines !== null || this.#way.is === 'black-hole') return
    const { client } = pair
    const server = connect({ port: this.#to, host: '127.0.0.1', allowHalfOpen: true })
    server.setNoDelay(true)
    // A server that refuses or breaks off: its client sees a reset, and the other way round.
    server.on('error', () => client.resetAndDestroy())
    client.once('close', () => server.destroy())
    server.once('close', () => client.destroySoon())
    const way = (): ProxyWay => this.#way
    pair.lines = [new Line(client, server, way), new Line(server, client, way)]
  }
}
