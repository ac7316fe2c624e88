import type { Change } from '../core/change.ts'
import type { PathFact } from '../core/facts/cluster.ts'
import { unseen } from '../core/observation.ts'
import type { Sample } from '../core/snapshot.ts'
import type { NodeLink } from '../engines/postgres/index.ts'
import { sampleFast, sampleSlow } from '../engines/postgres/index.ts'
import type { Facts } from './kept-facts.ts'
import { freshAt, silent, untickedKeys } from './kept-facts.ts'
import type { Known } from './known.ts'
import { learnFast, learnSlow, nextFast, nextSlow, nothingKnown } from './known.ts'
import { pathOf } from './path.ts'

/** Longer than a round: a slow server is not disconnected for it, and the server ends its own statements sooner. */
const giveUpMs = 5000

/** One node of the fleet: its link, what is known of it, and at most one question at a time. */
export class NodeWatch {
  readonly link: NodeLink
  readonly #clock: () => number
  #known: Known
  #changes: Change[] = []
  #running: Promise<void> | null = null
  #runningSinceMs: number | null = null
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
    const startedMs = this.#clock()
    if (!this.#running) {
      this.#runningSinceMs = startedMs
      this.#silentMs = startedMs
      this.#running = this.#ask(signal).finally(() => {
        this.#running = null
        this.#runningSinceMs = null
      })
      // Its failure reaches whoever polls while it runs; nobody may be there when it comes late.
      this.#running.catch(() => undefined)
    } else this.#silentMs = this.#runningSinceMs
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)))
    await Promise.race([this.#running, late]).finally(() => clearTimeout(timer))
  }

  async #ask(signal: AbortSignal): Promise<void> {
    const options = { signal, deadlineMs: giveUpMs, clock: this.#clock }
    const fast = await sampleFast(this.link, { ...options, ...nextFast(this.#known) })
    this.#silentMs = null
    this.#lastFast = fast
    this.#learn(learnFast(this.#known, fast))
    if (!fast.facts.server?.seen) return
    this.#answeredMs = fast.atMs
    const what = nextSlow(this.#known, fast.atMs)
    if (what === null) return
    const slow = await sampleSlow(this.link, { ...options, only: what === 'unticked' ? untickedKeys : undefined })
    this.#learn(learnSlow(this.#known, slow, what))
  }

  #learn({ known, changes }: { readonly known: Known; readonly changes: readonly Change[] }): void {
    this.#known = known
    this.#changes.push(...changes)
  }

  /** What is known now. */
  facts(atMs: number): Facts {
    const since = this.#silentMs
    if (since === null) return freshAt(this.#known.facts, atMs)
    const why = unseen(
      'timed-out',
      `no answer for ${Math.round(atMs - since)} ms`,
      'look at the load of the server and its host',
    )
    return silent(freshAt(this.#known.facts, atMs), why)
  }

  path(atMs: number): PathFact {
    return pathOf(this.link, this.#lastFast, this.#silentMs, atMs)
  }

  unansweredMs(atMs: number): number {
    return this.#silentMs === null && this.#known.facts.server.seen ? 0 : Math.max(0, atMs - this.#answeredMs)
  }

  /** What has changed since the last time this was called. */
  takeChanges(): readonly Change[] {
    const taken = this.#changes
    this.#changes = []
    return taken
  }

  async close(): Promise<void> {
    await this.link.close()
    await this.#running?.catch(() => undefined)
  }
}
