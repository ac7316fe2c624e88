import type { Connection, Submittable } from 'pg'

/** One message of the protocol: its letter, its length, its bytes. */
function message(letter: string, body: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(5 + body.length)
  bytes.write(letter, 0, 'latin1')
  bytes.writeInt32BE(4 + body.length, 1)
  bytes.set(body, 5)
  return bytes
}

const nothing = new Uint8Array()

/** Bytes of CopyData in the message that the driver hands over; copied, because it reads the next ones into the same place. */
function chunkOf(received: unknown): Buffer {
  const chunk: unknown = typeof received === 'object' && received !== null ? Reflect.get(received, 'chunk') : null
  return Buffer.isBuffer(chunk) ? Buffer.from(chunk) : Buffer.alloc(0)
}

/**
 * One COPY, from or to the server, which the driver itself does not speak. What is copied is held in memory: whoever copies
 * a table does it piece by piece.
 */
export class Copy implements Submittable {
  /** What the server sent; of a COPY to the server nothing. Rejects with the driver's error. */
  readonly ended: Promise<readonly Buffer[]>
  readonly #text: string
  readonly #data: readonly Buffer[]
  readonly #received: Buffer[] = []
  readonly #resolve: (received: readonly Buffer[]) => void
  readonly #reject: (error: unknown) => void

  constructor(text: string, data: readonly Buffer[] = []) {
    this.#text = text
    this.#data = data
    const { promise, resolve, reject } = Promise.withResolvers<readonly Buffer[]>()
    this.ended = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  submit(connection: Connection): void {
    connection.stream.write(message('Q', Buffer.from(`${this.#text}\0`)))
  }

  handleCopyInResponse(connection: Connection): void {
    for (const part of this.#data) connection.stream.write(message('d', part))
    connection.stream.write(message('c', nothing))
  }

  handleCopyData(received: unknown): void {
    this.#received.push(chunkOf(received))
  }

  handleCommandComplete(): void {
    // The answer is whole when the server is ready again.
  }

  handleReadyForQuery(): void {
    // A message for each row came; one goes out.
    this.#resolve([Buffer.concat(this.#received)])
  }

  handleError(error: unknown): void {
    this.#reject(error)
  }
}
