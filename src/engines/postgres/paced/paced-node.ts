import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Limits, Statement } from '../session.ts'
import type { NodeReader } from '../rows/node-reader.ts'
import { beginPace, pinged, rested, worked, type Pace } from './pace.ts'

const limits = {
  pingEveryMs: { default: 1_000, unit: 'ms', why: 'latency that rises is noticed within a chunk or two' },
} as const

/**
 * A node with its share of work. Its one session runs one statement at a time, whoever asks, and counts how long each ran;
 * the rest that is owed for it is taken between two chunks, never inside one, where rows move on while one waits.
 */
export class PacedNode implements NodeReader {
  readonly name: string
  readonly #inner: NodeReader
  #pace: Pace
  #pacedAt = performance.now()
  #pingedAt = Number.NEGATIVE_INFINITY
  #statements = 0
  #busyMs = 0

  constructor(inner: NodeReader, load: number) {
    this.name = inner.name
    this.#inner = inner
    this.#pace = beginPace(load)
  }

  /** What was asked of the node so far. */
  get asked(): { readonly statements: number; readonly busyMs: number } {
    return { statements: this.#statements, busyMs: this.#busyMs }
  }

  async run(statement: Statement, options: Limits): Promise<Answer> {
    const startedAt = performance.now()
    const answer = await this.#inner.run(statement, options)
    const busyMs = answer.ok ? answer.tookMs : performance.now() - startedAt
    this.#statements += 1
    this.#busyMs += busyMs
    this.#pace = worked(this.#pace, busyMs)
    // Work is no rest.
    this.#pacedAt += busyMs
    return answer
  }

  /** Waits until another chunk, or range of pages, may be asked for. */
  async turn(signal: AbortSignal): Promise<void> {
    for (;;) {
      const now = performance.now()
      this.#pace = rested(this.#pace, now - this.#pacedAt)
      this.#pacedAt = now
      if (this.#pace.owedMs <= 0) break
      await sleep(this.#pace.owedMs, undefined, { signal })
    }
    if (this.#pace.load < 1 && performance.now() - this.#pingedAt >= limits.pingEveryMs.default)
      await this.#ping(signal)
  }

  /** A piece of work, when its turn has come. */
  async inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.turn(signal)
    return work()
  }

  async #ping(signal: AbortSignal): Promise<void> {
    this.#pingedAt = performance.now()
    const answer = await this.#inner.run({ text: 'select 1' }, { signal, deadlineMs: 10_000 })
    if (answer.ok) this.#pace = pinged(this.#pace, answer.tookMs)
  }
}
