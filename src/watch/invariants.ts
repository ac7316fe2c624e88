import type { ClusterConfig, InvariantConfig } from '../core/configuration.ts'
import type { ClusterFacts, InvariantFact } from '../core/facts/cluster.ts'
import { seen, unseen, type Observation } from '../core/observation.ts'
import { askInvariant } from '../rows/invariant.ts'
import { Links } from '../rows/links.ts'

const limits = {
  everyMs: { default: 60_000, unit: 'ms', why: 'a rule about all rows may read all rows' },
} as const

const none = unseen(
  'not-configured',
  'no rule of your own is configured',
  'Write one under checks: of the cluster in antemortem.yaml.',
)
const notYet = unseen('no-history', 'your own rules were not asked yet', 'Wait for their first answers.')

interface Asked {
  readonly invariant: InvariantConfig
  readonly node: string
  readonly fact: InvariantFact | null
}

/** The team's own rules, asked once a minute on each of their nodes, in sessions of their own: a slow one holds up no sample. */
export class Invariants {
  readonly #clock: () => number
  readonly #signal: AbortSignal
  readonly #links: Links
  readonly #running = new Map<string, Promise<void>>()
  #asked: readonly Asked[]

  constructor(cluster: ClusterConfig, clock: () => number, signal: AbortSignal) {
    const { nodes, invariants } = cluster
    this.#clock = clock
    this.#signal = signal
    this.#links = new Links(cluster, signal)
    this.#asked = invariants.flatMap((invariant) =>
      (invariant.on.length > 0 ? invariant.on : nodes.map(({ name }) => name)).map((node) => ({
        invariant,
        node,
        fact: null,
      })),
    )
  }

  /** Each was asked at least once. */
  get isSettled(): boolean {
    return this.#asked.every(({ fact }) => fact !== null)
  }

  facts(atMs: number): Observation<ClusterFacts['invariants']> {
    if (this.#asked.length === 0) return none
    const facts = this.#asked.flatMap(({ fact }) => (fact ? [fact] : []))
    return facts.length > 0 ? seen(atMs, facts) : notYet
  }

  /** Asks what is due, one statement a node at a time. `then` is called after each node. */
  start(then: () => void): void {
    const due = this.#asked.filter(({ fact }) => fact === null || fact.atMs + limits.everyMs.default <= this.#clock())
    for (const [node, group] of Map.groupBy(due, (asked) => asked.node)) {
      if (this.#running.has(node)) continue
      const work = this.#ask(node, group)
        .catch((error: unknown) => {
          if (!this.#signal.aborted) throw error
        })
        .finally(() => {
          this.#running.delete(node)
          if (!this.#signal.aborted) then()
        })
      // Owned here: `close` waits for all of them.
      this.#running.set(node, work)
    }
  }

  async #ask(node: string, group: readonly Asked[]): Promise<void> {
    const link = await this.#links.to(node)
    for (const { invariant } of group) {
      const answer = await askInvariant(link, invariant.sql, this.#signal)
      const { name, expect: expected } = invariant
      const ok = answer.problem === null && answer.value === expected
      const fact = { name, node, atMs: this.#clock(), ...answer, expected, ok }
      this.#asked = this.#asked.map((each) =>
        each.invariant === invariant && each.node === node ? { ...each, fact } : each,
      )
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#running.values())
    await this.#links.close()
  }
}
