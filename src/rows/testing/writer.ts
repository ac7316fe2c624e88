import type { Lab } from '../../lab/lab.ts'
import { Session } from '../../lab/sql.ts'

/** Writes what makes a comparison stumble: hot rows, flags that flip, a queue whose rows come and go. */
export class Writer implements AsyncDisposable {
  readonly #sessions: readonly Session[]
  readonly #startedAt = performance.now()
  #transactions = 0
  #stopped = false
  #loops: readonly Promise<void>[] = []

  private constructor(sessions: readonly Session[]) {
    this.#sessions = sessions
  }

  /** A client of the application. */
  static async open(lab: Lab, node: string): Promise<Session> {
    const session = await Session.open(`${lab.url(node, 'app')}?application_name=app`)
    await session.rows(`set application_name = 'app'`)
    return session
  }

  /** Needs the table `mixed`; makes `flags` and `queue` and publishes them. */
  static async start(lab: Lab, { following = 'all' }: { following?: 'all' | 'logical' } = {}): Promise<Writer> {
    for (const node of ['primary', 'reports'])
      await lab.rows(
        node,
        `create table flags (id int primary key, up bool not null); create table queue (name text primary key)`,
      )
    await lab.rows('primary', 'insert into flags values (1, true)')
    await lab.rows('primary', 'alter publication auth_pub add table flags, queue')
    await lab.rows('reports', 'alter subscription reports_sub refresh publication')
    if (following === 'all') await lab.caughtUp()
    const sessions = await Promise.all([1, 2].map(async () => Session.open(lab.url('primary', 'admin'))))
    const writer = new Writer(sessions)
    writer.#loops = sessions.map(async (session, n) => writer.#loop(session, n))
    return writer
  }

  tps(): number {
    return Math.round(this.#transactions / ((performance.now() - this.#startedAt) / 1000))
  }

  async #loop(session: Session, n: number): Promise<void> {
    const random = (below: number): number => 1 + Math.floor(Math.random() * below)
    const statements: readonly (() => string)[] = [
      () => `update mixed set num = num + 1, r8 = r8 + 0.1 where id = ${random(5000)}`,
      () => `update mixed set txt = txt || 'x', amount = amount + 1 where id = ${2 * random(10) + n}`,
      () => `update flags set up = not up`,
      () => `insert into queue values ('job${n}')`,
      () => `insert into mixed (id, txt) values (${1_000_000 + 2 * random(1e9) + n}, 'new') on conflict do nothing`,
      () => `delete from queue where name = 'job${n}'`,
      () =>
        `delete from mixed where id in (select id from mixed where id >= 1000000 order by id limit 1 for update skip locked)`,
    ]
    for (let step = 0; !this.#stopped; step += 1) {
      await session.rows(statements[step % statements.length]?.() ?? 'select')
      this.#transactions += 1
      // Pauses of many lengths, so that every moment of a comparison is met.
      if (step % 3 === 0) await new Promise((done) => setTimeout(done, Math.random() * 25))
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#loops)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await Promise.all(this.#sessions.map(async (session) => session[Symbol.asyncDispose]()))
  }
}
