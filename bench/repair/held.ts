import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../src/lab/lab.ts'
import type { Session } from '../../src/lab/sql.ts'
import { damagedUpTo } from './large-table.ts'

const pauseMs = 20

/** An application that goes on writing the large table, outside its damaged pages, and how long it was kept waiting. */
export class Held implements AsyncDisposable {
  readonly #session: Session
  readonly #loop: Promise<void>
  #stopped = false
  #writes = 0
  #longestMs = 0

  private constructor(session: Session, rows: number) {
    this.#session = session
    this.#loop = this.#write(rows)
    // Whoever stops it hears of its failure.
    this.#loop.catch(() => undefined)
  }

  static async begin(lab: Lab, rows: number): Promise<Held> {
    const session = await lab.session('primary', 'writer')
    // It waits as long as it must: that is what is measured.
    await session.rows('set statement_timeout = 0; set lock_timeout = 0')
    return new Held(session, rows)
  }

  async stop(): Promise<{ readonly writes: number; readonly longestMs: number }> {
    this.#stopped = true
    await this.#loop
    return { writes: this.#writes, longestMs: this.#longestMs }
  }

  async #write(rows: number): Promise<void> {
    const first = damagedUpTo(rows) + 1
    while (!this.#stopped) {
      const id = first + Math.floor(Math.random() * (rows - first))
      const startedAt = performance.now()
      await this.#session.rows(`update large set amount = amount + 1 where id = ${id}`)
      this.#longestMs = Math.max(this.#longestMs, performance.now() - startedAt)
      this.#writes += 1
      await sleep(pauseMs)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await Promise.allSettled([this.#loop])
    await this.#session[Symbol.asyncDispose]()
  }
}
