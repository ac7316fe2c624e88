import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../src/lab/lab.ts'
import type { Session } from '../../src/lab/sql.ts'
import { brokenUpTo } from './sales.ts'

/** Writes as pgbench does: random rows, a few hot ones, flags that flip, rows that come and go. */
export class Writing implements AsyncDisposable {
  readonly #sessions: readonly Session[]
  readonly #loops: readonly Promise<void>[]
  readonly #startedAt = performance.now()
  #stopped = false
  #transactions = 0

  private constructor(sessions: readonly Session[], rows: number, perSecond: number) {
    this.#sessions = sessions
    this.#loops = sessions.map(async (session, n) => this.#loop(session, { n, rows, perSecond }))
  }

  static async start(lab: Lab, options: { rows: number; perSecond: number }): Promise<Writing> {
    const sessions = await Promise.all([0, 1].map(async () => lab.session('primary', 'writer')))
    return new Writing(sessions, options.rows, options.perSecond / sessions.length)
  }

  perSecond(): number {
    return Math.round(this.#transactions / ((performance.now() - this.#startedAt) / 1000))
  }

  async #loop(session: Session, { n, rows, perSecond }: { n: number; rows: number; perSecond: number }): Promise<void> {
    const random = (below: number): number => Math.floor(Math.random() * below)
    const place = (): number => brokenUpTo + 1 + random(rows - brokenUpTo)
    const statements: readonly (() => string)[] = [
      () => `update sales set amount = amount + 1, active = not active where id = ${place()}`,
      () => `update sales set note = note || 'x' where id = ${place()}`,
      () => `update hot set n = n + 1, up = not up where id = ${1 + random(20)}`,
      () => `insert into sales (id, status) values (${rows + 1 + 2 * random(1e9) + n}, 'new') on conflict do nothing`,
      () => `update sales set rate = rate + 0.5 where id = ${brokenUpTo + 1 + random(20)}`,
      () => `insert into bag values (${random(50)}, 'hot')`,
      () =>
        `delete from sales where id in (select id from sales where id > ${rows} and id < 3000000000 order by id limit 1 for update skip locked)`,
      () => `delete from bag where ctid in (select ctid from bag where v = 'hot' limit 1 for update skip locked)`,
    ]
    const startedAt = performance.now()
    for (let step = n; !this.#stopped; step += 1) {
      await session.rows(statements[step % statements.length]?.() ?? 'select')
      this.#transactions += 1
      // Behind the pace it does not catch up: what a slow server could not take is not asked of it later.
      const dueMs = ((step - n + 1) / perSecond) * 1000 - (performance.now() - startedAt)
      await sleep(Math.max(0, Math.min(dueMs, 1000)))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#loops)
    await Promise.all(this.#sessions.map(async (session) => session[Symbol.asyncDispose]()))
  }
}
