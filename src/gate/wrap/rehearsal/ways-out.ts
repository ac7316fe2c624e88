import { chmodSync } from 'node:fs'
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Lab } from '../../../lab/lab.ts'

/** Doors to each server of a copy, one in the file system and one in the network, and how often somebody went through. */
export class WaysOut {
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #counts = new Map<string, number>()
  readonly #ports = new Map<string, number>()
  /** As the program inside takes them: there, the port of the network's door leads to the other one. */
  readonly ways: { readonly port: number; readonly socket: string }[] = []

  static async open(lab: Lab, directory: string): Promise<WaysOut> {
    const out = new WaysOut()
    for (const { name, port } of lab.nodes) await out.#open(name, port, join(directory, String(port)))
    return out
  }

  /** By node; one that nobody came to is in it with 0. */
  get connections(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /** By which port the command reaches a node of the copy. */
  portOf(node: string): number {
    const port = this.#ports.get(node)
    if (port === undefined) throw new Error(`no way to ${node} of the copy`)
    return port
  }

  async #open(node: string, port: number, path: string): Promise<void> {
    this.#counts.set(node, 0)
    const address = (await this.#listen(node, port, { port: 0, host: '127.0.0.1' })).address()
    await this.#listen(node, port, { path })
    // Inside, the command may run as another user than we do.
    chmodSync(path, 0o666)
    const own = typeof address === 'object' && address !== null ? address.port : 0
    this.#ports.set(node, own)
    this.ways.push({ port: own, socket: path })
  }

  async #listen(node: string, port: number, at: ListenOptions): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (client) => {
      this.#counts.set(node, (this.#counts.get(node) ?? 0) + 1)
      const to = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      for (const socket of [client, to]) {
        this.#sockets.add(socket)
        socket.once('close', () => this.#sockets.delete(socket))
      }
      client.on('error', () => to.destroy())
      to.on('error', () => client.destroy())
      client.pipe(to).pipe(client)
    })
    this.#servers.push(server)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(at, resolve)
    })
    return server
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(
      this.#servers.map(async (server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    )
  }
}
