import type { Carried } from '../core/carried.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import type { TouchedFact } from '../core/facts/cluster.ts'
import type { NodeView } from '../core/snapshot.ts'
import { TouchedComparer, type TouchedAnswer } from '../rows/touched.ts'
import { comparingLinks, type Links } from '../rows/links.ts'
import type { Turns } from '../rows/turns.ts'
import { comparisonKey, nextComparisonMs, type Comparison } from './touched-tables.ts'

const limits = {
  maxRows: { default: 100_000, unit: 'rows', why: 'a tenth of a second of server CPU at 1 µs a row' },
  fenceMs: { default: 2_000, unit: 'ms', why: 'longer than any healthy replica needs, shorter than users wait' },
} as const

interface Known {
  readonly fact: TouchedFact
  readonly nextMs: number
  /** Scans by others when the table was first looked at. */
  readonly scansBefore: number
}

const tableKey = (schema: string, table: string): string => JSON.stringify([schema, table])

/**
 * Compares touched tables in sessions of its own, which are opened with the first table and closed when none is left: a long
 * comparison never holds up a sample.
 */
export class Comparing {
  readonly #cluster: ClusterConfig
  readonly #clock: () => number
  readonly #signal: AbortSignal
  readonly #links: Links
  readonly #comparer = new TouchedComparer()
  readonly #known = new Map<string, Known>()
  readonly #running = new Map<string, Promise<void>>()
  #wanted: readonly Comparison[] = []
  /** Raised for a table by each change of it: what was compared before says nothing about what is now. */
  readonly #generation = new Map<string, number>()

  /** `turns`: with those who compare beside. */
  constructor(cluster: ClusterConfig, clock: () => number, signal: AbortSignal, turns?: Turns) {
    this.#cluster = cluster
    this.#clock = clock
    this.#signal = signal
    this.#links = comparingLinks(cluster, signal, turns)
  }

  /** What is compared from now on; what is no longer in it is forgotten. */
  want(comparisons: readonly Comparison[]): void {
    this.#wanted = comparisons
    const keys = new Set(comparisons.map(comparisonKey))
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key)
  }

  /** These tables have just changed: their comparisons begin anew, at once. */
  changed(tables: readonly { readonly schema: string; readonly table: string }[]): void {
    for (const { schema, table } of tables) {
      const name = tableKey(schema, table)
      this.#generation.set(name, (this.#generation.get(name) ?? 0) + 1)
      for (const [key, known] of this.#known)
        if (tableKey(known.fact.schema, known.fact.table) === name)
          this.#known.set(key, { ...known, nextMs: 0, fact: { ...known.fact, times: 0 } })
    }
  }

  get isSettled(): boolean {
    return this.#wanted.every((comparison) => {
      const fact = this.#known.get(comparisonKey(comparison))?.fact
      return fact !== undefined && (fact.verdict === 'equal' || fact.times >= 2)
    })
  }

  facts(): readonly TouchedFact[] {
    return [...this.#known.values()].map(({ fact }) => fact)
  }

  /**
   * Starts what is due. `hurts`: nodes on which the application fails now. `then` is called after each comparison, and told
   * whether it gave an answer. `carried` says what of a table is to be the same.
   */
  start(
    nodes: readonly NodeView[],
    hurts: ReadonlySet<string>,
    carried: (comparison: Comparison) => Carried,
    then: (isAnswered: boolean) => void,
  ): void {
    const atMs = this.#clock()
    for (const comparison of this.#longestWaiting()) {
      const key = comparisonKey(comparison)
      const known = this.#known.get(key)
      const dueMs = known && hurts.has(comparison.node) ? Math.min(known.nextMs, known.fact.atMs + 400) : known?.nextMs
      // One comparison a node at a time: what many tables would do at once is a load.
      if (this.#running.has(comparison.node) || (dueMs !== undefined && dueMs > atMs)) continue
      let isAnswered = false
      const work = this.#compare(comparison, nodes, hurts, carried(comparison))
        .then((is) => void (isAnswered = is))
        .finally(() => {
          this.#running.delete(comparison.node)
          if (!this.#signal.aborted) then(isAnswered)
        })
      // Owned here: `settled` waits for all of them.
      this.#running.set(comparison.node, work)
    }
  }

  /** What was never compared, or changed since, comes first: on a slow node the first of a list would else be the only one. */
  #longestWaiting(): readonly Comparison[] {
    const atMs = (comparison: Comparison): number => {
      const known = this.#known.get(comparisonKey(comparison))
      return known === undefined || known.nextMs === 0 ? 0 : known.fact.atMs
    }
    return this.#wanted.toSorted((a, b) => atMs(a) - atMs(b))
  }

  async #compare(
    comparison: Comparison,
    nodes: readonly NodeView[],
    hurts: ReadonlySet<string>,
    carried: Carried,
  ): Promise<boolean> {
    const startedAt = performance.now()
    const name = tableKey(comparison.schema, comparison.table)
    const generation = this.#generation.get(name)
    try {
      const pair = await this.#links.pair(comparison.node, nodes)
      if (!pair) return false
      const answer = await this.#comparer.compare({
        pair,
        schema: comparison.schema,
        table: comparison.table,
        columns: carried.columns,
        rowFilter: carried.rowFilter,
        maxRows: limits.maxRows.default,
        fence: { deadlineMs: limits.fenceMs.default, passive: this.#cluster.fence === 'passive' },
        signal: this.#signal,
      })
      // It began before the last change: it is made again.
      if (this.#generation.get(name) !== generation) return false
      this.#note(comparison, answer, performance.now() - startedAt, hurts.has(comparison.node))
      return true
    } catch (error) {
      if (!this.#signal.aborted) throw error
      return false
    }
  }

  #note(comparison: Comparison, answer: TouchedAnswer, tookMs: number, hurts: boolean): void {
    const key = comparisonKey(comparison)
    const before = this.#known.get(key)
    const again = before && before.fact.times > 0 && before.fact.verdict === answer.verdict ? before.fact : null
    const atMs = this.#clock()
    const byOthers = answer.readBy ? answer.readBy.scans - answer.readBy.ownScans : 0
    const scansBefore = before?.scansBefore ?? byOthers
    const roles = answer.readBy?.roles ?? []
    const fact: TouchedFact = {
      ...comparison,
      atMs,
      verdict: answer.verdict,
      detail: answer.detail,
      ...(answer.why !== null && { why: answer.why }),
      ...(answer.verdict === 'unverifiable' && answer.remedy !== null && { remedy: answer.remedy }),
      sourceRows: answer.sourceRows,
      nodeRows: answer.nodeRows,
      times: (again?.times ?? 0) + 1,
      sinceMs: again?.sinceMs ?? atMs,
      readBy: { roles: [...new Set(roles)].sort(), sessions: roles.length, scans: Math.max(0, byOthers - scansBefore) },
    }
    this.#known.set(key, { fact, scansBefore, nextMs: nextComparisonMs(fact, tookMs, hurts) })
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#running.values())
    await this.#links.close()
  }
}
