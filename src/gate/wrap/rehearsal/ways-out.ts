import { chmodSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Lab } from '../../../lab/lab.ts'

/** A door to each server of a copy, in the file system, and how often somebody went through. */
export class WaysOut {
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #counts = new Map<string, number>()
  /** As the program inside takes them. */
  readonly ways: { readonly port: number; readonly socket: string }[] = []

  static async open(lab: Lab, directory: string): Promise<WaysOut> {
    const out = new WaysOut()
    for (const { name, port } of lab.nodes) await out.#listen(name, port, join(directory, String(port)))
    return out
  }

  /** By node; one that nobody came to is in it with 0. */
  get connections(): ReadonlyMap<string, number> {
    return this.#counts
  }

  async #listen(node: string, port: number, path: string): Promise<void> {
    this.#counts.set(node, 0)
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
      server.listen(path, resolve)
    })
    // Inside, the command may run as another user than we do.
    chmodSync(path, 0o666)
    this.ways.push({ port, socket: path })
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(
      this.#servers.map(async (server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    )
  }
}
