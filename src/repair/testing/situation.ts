import { node, snapshot } from '../../../test/builders.ts'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { JournalEntry, Plan } from '../../core/plan.ts'
import type { NodeView } from '../../core/snapshot.ts'
import { openNode, sampleFast, sampleSlow } from '../../engines/postgres/index.ts'
import { identifier } from '../../engines/postgres/rows/sql.ts'
import type { Lab } from '../../lab/lab.ts'
import { carryOut, resume } from '../../plans/carry-out.ts'
import { undoOf } from '../../plans/undo-of.ts'
import type { Store } from '../../store/store.ts'
import { memoryStore } from '../../store/testing/scratch.ts'
import { doersOf } from '../doers.ts'
import { reachOf } from '../reach.ts'
import { planOf, type PlanWishes } from './plans.ts'

/** Seed 0: the table is on both nodes, its thousand rows on the primary only, and nothing carries it. */
export async function migrate(lab: Lab, table = 'user_credentials'): Promise<void> {
  const name = identifier(table)
  for (const each of ['reports', 'primary'])
    await lab.rows(each, `create table ${name} (user_id int primary key, password_hash text not null)`)
  await lab.rows('primary', `insert into ${name} select id, password_hash from users`)
}

/** The lab as somebody configured it; where another address acts, the test says so. */
export const clusterOf = (lab: Lab, act: Readonly<Record<string, string>> = {}): ClusterConfig => ({
  name: 'auth',
  engine: 'postgres',
  nodes: lab.nodes.map(({ name }) => ({
    name,
    url: lab.url(name, 'watch'),
    act: act[name] ?? lab.url(name, 'admin'),
    host: null,
  })),
  contracts: [],
  fence: 'message',
  invariants: [],
})

/** The plan that a diagnosis of this lab makes, from what its servers show. */
export async function planFor(lab: Lab, { facts = {}, ...wishes }: PlanWishes = {}): Promise<Plan> {
  const nodes = [await seenIn(lab, 'primary', 'primary'), await seenIn(lab, 'reports', 'subscriber')]
  return planOf({
    ...wishes,
    facts: { publication: 'auth_pub', subscription: 'reports_sub', subscriber: 'reports', ...facts },
    case: { atMs: Date.now(), snapshot: { ...snapshot(), nodes } },
  })
}

async function seenIn(lab: Lab, name: string, role: 'primary' | 'subscriber'): Promise<NodeView> {
  const options = { signal: new AbortController().signal, deadlineMs: 5_000, clock: Date.now }
  const link = await openNode({ name, url: lab.url(name, 'watch'), ...options })
  try {
    const fast = await sampleFast(link, options)
    const slow = await sampleSlow(link, options)
    return { ...node(name, role), facts: { ...node(name, role).facts, ...fast.facts, ...slow.facts } }
  } finally {
    await link.close()
  }
}

/** Carries out plans in one lab, with one store. */
export class Mending implements AsyncDisposable {
  readonly store: Store
  readonly #cluster: ClusterConfig

  private constructor(store: Store, cluster: ClusterConfig) {
    this.store = store
    this.#cluster = cluster
  }

  static async in(lab: Lab, act: Readonly<Record<string, string>> = {}): Promise<Mending> {
    return new Mending(await memoryStore(Date.now), clusterOf(lab, act))
  }

  /** `meanwhile` sees each entry when it is on the disk, before the plan goes on. */
  async apply(plan: Plan, meanwhile?: (said: string) => Promise<unknown>): Promise<readonly string[]> {
    return said(carryOut(plan, this.#doers, this.#deps), meanwhile)
  }

  async resume(plan: Plan): Promise<readonly string[]> {
    return said(resume(plan.id, this.#doers, this.#deps))
  }

  async undo(plan: Plan): Promise<readonly string[]> {
    return this.apply(undoOf(plan, await this.store.journal(plan.id)))
  }

  /** The last line of the journal. */
  async last(plan: Plan): Promise<JournalEntry | undefined> {
    return (await this.store.journal(plan.id)).at(-1)
  }

  async lastOfUndo(): Promise<JournalEntry | undefined> {
    return this.last(await this.#undone())
  }

  async resumeUndo(): Promise<readonly string[]> {
    return this.resume(await this.#undone())
  }

  async #undone(): Promise<Plan> {
    const plan = (await this.store.plans()).findLast(({ undoes }) => undoes !== undefined)
    if (!plan) throw new Error('nothing was taken back')
    return plan
  }

  get #doers() {
    return doersOf(reachOf(this.#cluster))
  }

  get #deps() {
    return { store: this.store, clock: Date.now, leaseTtlMs: 300 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close()
  }
}

/** `begun 1`, `done 1`, … */
async function said(
  entries: AsyncIterable<JournalEntry>,
  meanwhile: (said: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<readonly string[]> {
  const all: string[] = []
  for await (const { phase, n } of entries) {
    all.push(`${phase} ${n}`)
    await meanwhile(`${phase} ${n}`)
  }
  return all
}

export const steps = (...numbers: readonly number[]): readonly string[] =>
  numbers.flatMap((n) => [`begun ${n}`, `done ${n}`])

/** How the table is carried, and what is on each side. */
export async function carriedIn(lab: Lab, table = 'user_credentials') {
  const count = async (where: string, sql: string, values: readonly unknown[] = []): Promise<number> => {
    const [row] = await lab.rows(where, `select count(*)::int as n from ${sql}`, values)
    return Number(row?.['n'])
  }
  return {
    published: await count('primary', 'pg_publication_tables where tablename = $1', [table]),
    subscribed: await count(
      'reports',
      'pg_subscription_rel r join pg_class c on c.oid = r.srrelid where relname = $1',
      [table],
    ),
    primary: await count('primary', identifier(table)),
    reports: await count('reports', identifier(table)),
  }
}
