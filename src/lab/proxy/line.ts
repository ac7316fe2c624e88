import type { Socket } from 'node:net'
import type { ProxyWay } from '../../core/lab-step.ts'

/** One direction of a connection: what comes in goes out later, in order, or not at all for now. */
export class Line {
  readonly from: Socket
  readonly #to: Socket
  readonly #way: () => ProxyWay
  /** Null is the end of what is sent. */
  readonly #waiting: { readonly dueMs: number; readonly chunk: Buffer | null }[] = []
  #timer: NodeJS.Timeout | null = null

  constructor(from: Socket, to: Socket, way: () => ProxyWay) {
    this.from = from
    this.#to = to
    this.#way = way
    from.on('data', (chunk: Buffer) => this.#take(chunk))
    from.once('end', () => this.#take(null))
    to.on('drain', () => from.resume())
  }

  #take(chunk: Buffer | null): void {
    const way = this.#way()
    this.#waiting.push({ dueMs: performance.now() + (way.is === 'delay' ? way.ms : 0), chunk })
    this.pump()
  }

  /** Sends what is due; asked again whenever the way has changed. */
  pump(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    while (this.#way().is !== 'black-hole') {
      const [first] = this.#waiting
      if (first === undefined || this.#to.destroyed) return
      const leftMs = first.dueMs - performance.now()
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.pump(), leftMs)
        return
      }
      this.#waiting.shift()
      if (first.chunk === null) this.#to.end()
      else if (!this.#to.write(first.chunk)) this.from.pause()
    }
  }
}
