import type { Change } from '../core/change.ts'
import type { PathFact } from '../core/facts/cluster.ts'
import { unseen } from '../core/observation.ts'
import type { Sample } from '../core/snapshot.ts'
import type { NodeLink } from '../engines/postgres/index.ts'
import type { SampleOptions } from '../engines/postgres/index.ts'
import { sampleFast, sampleSlow } from '../engines/postgres/index.ts'
import type { Slow } from './due.ts'
import type { Facts } from './kept-facts.ts'
import { explained, freshAt, silent, untickedKeys } from './kept-facts.ts'
import type { Known } from './known.ts'
import { learnFast, learnSlow, nextFast, nextSlow, nothingKnown } from './known.ts'
import { pathOf } from './path.ts'

/** Longer than a round: a slow server is not disconnected for it, and the server ends its own statements sooner. */
const giveUpMs = 5000
/** What takes longer than so many times its last answer is late. */
const usualTimes = 3

/** One node of the fleet: its link, what is known of it, and at most one question at a time. */
export class NodeWatch {
  readonly link: NodeLink
  readonly #clock: () => number
  #known: Known
  #changes: Change[] = []
  #asking: Promise<void> | null = null
  #askedMs = 0
  #describing: Promise<void> | null = null
  /** The last fast sample that was asked for has not come back in its round. */
  #silentMs: number | null = null
  #answeredMs: number
  #lastFast: Sample | null = null

  constructor(link: NodeLink, clock: () => number) {
    this.link = link
    this.#clock = clock
    this.#answeredMs = clock()
    this.#known = nothingKnown(link.name)
  }

  /** Asks the node, and waits no longer than this round lasts; what comes later belongs to the next one. */
  async poll(signal: AbortSignal, deadlineMs: number): Promise<void> {
    if (!this.#asking) {
      this.#askedMs = this.#clock()
      this.#asking = this.#ask(signal).finally(() => (this.#asking = null))
      // Its failure reaches whoever polls while it runs; nobody may be there when it comes late.
      this.#asking.catch(() => undefined)
    }
    this.#silentMs = this.#askedMs
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)))
    await Promise.race([this.#answered(), late]).finally(() => clearTimeout(timer))
  }

  async #answered(): Promise<void> {
    await this.#asking
    await this.#describing
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const options = { signal, deadlineMs: giveUpMs, clock: this.#clock }
    const fast = await sampleFast(this.link, { ...options, ...nextFast(this.#known) })
    this.#silentMs = null
    this.#lastFast = fast
    this.#learn(learnFast(this.#known, fast))
    if (!fast.facts.server?.seen) return
    this.#answeredMs = fast.atMs
    const what = this.#describing ? null : nextSlow(this.#known, fast.atMs)
    if (what === null) return
    this.#describing = this.#describe(what, options).finally(() => (this.#describing = null))
    this.#describing.catch(() => undefined)
  }

  /** Beside the fast samples, which have their turn between its statements: a schema may be large, and its server well. */
  async #describe(what: Slow, options: SampleOptions): Promise<void> {
    const { due } = this.#known
    const slow = await sampleSlow(this.link, { ...options, only: what === 'unticked' ? untickedKeys : undefined })
    this.#learn(learnSlow(this.#known, slow, what, due))
  }

  /** Since when it has not answered, where that is longer than it takes: one that is slow is not one that is silent. */
  #silentSince(atMs: number): number | null {
    const since = this.#silentMs
    return since !== null && atMs - since > usualTimes * (this.#lastFast?.tookMs ?? 0) ? since : null
  }

  #learn({ known, changes }: { readonly known: Known; readonly changes: readonly Change[] }): void {
    this.#known = known
    this.#changes.push(...changes)
  }

  /** What is known now. */
  facts(atMs: number): Facts {
    const since = this.#silentSince(atMs)
    if (since === null) return explained(freshAt(this.#known.facts, atMs))
    const why = unseen(
      'timed-out',
      `no answer for ${Math.round(atMs - since)} ms`,
      'look at the load of the server and its host',
    )
    return explained(silent(freshAt(this.#known.facts, atMs), why))
  }

  path(atMs: number): PathFact {
    return pathOf(this.link, this.#lastFast, this.#silentSince(atMs), atMs)
  }

  unansweredMs(atMs: number): number {
    return this.#silentSince(atMs) === null && this.#known.facts.server.seen ? 0 : Math.max(0, atMs - this.#answeredMs)
  }

  /** What has changed since the last time this was called. */
  takeChanges(): readonly Change[] {
    const taken = this.#changes
    this.#changes = []
    return taken
  }

  async close(): Promise<void> {
    await this.link.close()
    await this.#answered().catch(() => undefined)
  }
}
