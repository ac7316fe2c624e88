import type { ClusterConfig, VerifyConfig } from '../../core/configuration.ts'
import type { TouchedFact } from '../../core/facts/cluster.ts'
import type { SampledTable } from '../../core/rolling.ts'
import type { NodeView } from '../../core/snapshot.ts'
import { compareKeys } from '../../rows/compare-keys.ts'
import type { Budget, ChunkVerdict } from '../../rows/compare-table.ts'
import { compareTable } from '../../rows/compare-table.ts'
import { comparingLinks, type Links } from '../../rows/links.ts'
import type { SelfTests } from '../../rows/prepare.ts'
import { Turns } from '../../rows/turns.ts'
import { PacedNode } from '../../engines/postgres/paced/paced-node.ts'
import { unverifiable } from '../report.ts'
import { judged, pairOf } from '../chunks.ts'
import { patiently, scopeOf, stampOf } from '../table.ts'
import type { RowWork } from '../work.ts'
import { begun, compared, ended, lookedAgain, mostListed, sampledOf, type Entry } from './entry.ts'
import { factOf } from './facts.ts'
import { listingOf, writesOf, type Listing } from './listing.ts'
import type { Ask, Coverage, Schedule } from './schedule.ts'
import { asReached, refusalOf, shapeOf } from './work.ts'
import {
  beginSchedule,
  coverageOf,
  isOutranked,
  next,
  serve,
  touch,
  withEntry,
  withTables,
  withWrites,
} from './schedule.ts'

const limits = {
  chunks: {
    default: 20,
    unit: 'chunks',
    why: 'a minute at a load of 0.1: what is more suspicious does not wait for long',
  },
  saveEveryMs: { default: 10_000, unit: 'ms', why: 'so much is compared again after kill -9' },
  listEveryMs: { default: 300_000, unit: 'ms', why: 'tables come and go; a change that is seen lists them at once' },
  retryMs: { default: 30_000, unit: 'ms', why: 'a node that has not told its tables is asked again' },
  writesEveryMs: { default: 60_000, unit: 'ms', why: 'what is hot for a minute is hot' },
  fenceMs: { default: 10_000, unit: 'ms', why: 'a node that is further behind is late, and asked again another time' },
} as const

/** Where what was found outlives the watcher. */
export interface Kept {
  readonly save: (table: SampledTable) => Promise<void>
  readonly forget: (tables: readonly SampledTable[]) => Promise<void>
}

export interface SampleOptions {
  readonly cluster: ClusterConfig
  readonly verify: VerifyConfig
  /** What an earlier watcher found. */
  readonly known: readonly SampledTable[]
  readonly kept: Kept
  readonly clock: () => number
  readonly signal: AbortSignal
  /** All tables were gone through once more. */
  readonly onTrip: (coverage: Coverage) => void
}

/** Compares all tables of all pairs in turn, one statement a node at a time, within its share of the time. */
export class RollingSample {
  readonly turns = new Turns()
  readonly #options: SampleOptions
  readonly #links: Links
  readonly #readers = new Map<string, PacedNode>()
  #selfTests: SelfTests = new Map()
  #schedule: Schedule
  #listing: Listing = { wanted: new Map(), isAll: false }
  #shape = ''
  #listedMs = Number.NEGATIVE_INFINITY
  #countedMs = Number.NEGATIVE_INFINITY
  #savedMs = Number.NEGATIVE_INFINITY
  #tripMs: number
  #nodes: readonly NodeView[] = []
  #then: () => void = () => undefined
  #running: Promise<void> | null = null

  constructor(options: SampleOptions) {
    this.#options = options
    this.#links = comparingLinks(options.cluster, options.signal, this.turns)
    this.#schedule = beginSchedule(options.verify.everyMs, options.known)
    this.#tripMs = options.clock()
  }

  facts(): readonly TouchedFact[] {
    return [...this.#schedule.entries.values()].flatMap((entry) => factOf(entry) ?? [])
  }

  coverage(): Coverage {
    return coverageOf(this.#schedule)
  }

  changed(tables: readonly { readonly schema: string; readonly table: string }[]): void {
    if (tables.length === 0) return
    this.#schedule = touch(this.#schedule, tables)
    this.#listedMs = Number.NEGATIVE_INFINITY
  }

  start(nodes: readonly NodeView[], then: () => void): void {
    this.#nodes = nodes
    this.#then = then
    if (this.#running !== null) return
    // Owned here: `close` waits for it.
    this.#running = this.#work()
      .catch((error: unknown) => {
        if (!this.#options.signal.aborted) throw error
      })
      .finally(() => (this.#running = null))
  }

  /** Turn after turn, while anything is due. */
  async #work(): Promise<void> {
    const { clock, signal } = this.#options
    while (!signal.aborted) {
      await this.#list()
      await this.#count()
      const ask = next(this.#schedule, clock())
      if (ask === null) return
      this.#schedule = serve(this.#schedule, ask.key)
      await this.#turn(ask)
      this.#tell()
    }
  }

  async #list(): Promise<void> {
    const { clock, signal, verify, kept } = this.#options
    const atMs = clock()
    const everyMs = this.#listing.isAll ? limits.listEveryMs.default : limits.retryMs.default
    const shape = shapeOf(this.#nodes)
    if (shape === this.#shape && atMs - this.#listedMs < everyMs) return
    this.#shape = shape
    this.#listedMs = atMs
    this.#selfTests = new Map()
    this.#listing = await listingOf(this.#nodes, verify.tables, async (name) => this.#reader(name), signal)
    const { wanted, isAll } = this.#listing
    const before = this.#schedule.entries
    const tables = [...wanted.values()].map(({ pair: { left, right }, table }) => ({
      left,
      right,
      schema: table.schema,
      table: table.table,
      name: table.name,
      rowsEstimated: table.rowsEstimated,
      refused: table.refused && { ...table.refused, isForbidden: table.refused.isForbidden === true },
    }))
    this.#schedule = withTables(this.#schedule, tables, { isAll, atMs })
    await kept.forget([...before].flatMap(([key, entry]) => (this.#schedule.entries.has(key) ? [] : [entry])))
    this.#then()
  }

  async #count(): Promise<void> {
    const { clock, signal } = this.#options
    if (clock() - this.#countedMs < limits.writesEveryMs.default) return
    this.#countedMs = clock()
    const pairs = new Set([...this.#listing.wanted.values()].map(({ pair }) => pair))
    const writes = await writesOf([...pairs], async (name) => this.#reader(name), signal)
    this.#schedule = withWrites(this.#schedule, writes)
  }

  async #reader(name: string): Promise<PacedNode> {
    const known = this.#readers.get(name)
    if (known) return known
    const reader = new PacedNode(await this.#links.reader(name), this.#options.verify.load)
    this.#readers.set(name, reader)
    return reader
  }

  #change(key: string, change: (entry: Entry) => Entry): Entry | undefined {
    this.#schedule = withEntry(this.#schedule, key, change)
    return this.#schedule.entries.get(key)
  }

  async #turn({ key, what }: Ask): Promise<void> {
    const { clock, signal } = this.#options
    const wanted = this.#listing.wanted.get(key)
    const entry = this.#schedule.entries.get(key)
    if (!wanted || !entry) return
    const { pair, table } = wanted
    const [left, right] = [await this.#reader(pair.left), await this.#reader(pair.right)]
    const work: RowWork = {
      pair,
      table,
      left,
      right,
      passiveFence: this.#options.cluster.fence === 'passive',
      fenceMs: limits.fenceMs.default,
      selfTests: this.#selfTests,
      signal,
    }
    try {
      await Promise.all([left.turn(signal), right.turn(signal)])
      if (what === 'again') await this.#again(key, entry, work)
      else await this.#round(key, work)
    } catch (error) {
      signal.throwIfAborted()
      const refusal = await asReached(refusalOf(error, table), work)
      this.#change(key, (now) => {
        if (what === 'again') return lookedAgain(now, refusal, clock())
        return ended(compared(begun(now, null, clock()), refusal, false, clock()), clock())
      })
    }
    await this.#save(key)
  }

  /** Goes on with a table, for as long as a turn lasts. */
  async #round(key: string, work: RowWork): Promise<void> {
    const { clock, signal } = this.#options
    const scope = await patiently(async () => scopeOf(work), signal)
    const seen = await stampOf(work, scope)
    const isKeyed = seen?.isKeyed === true
    const from = this.#change(key, (entry) => begun(entry, seen?.stamp ?? null, clock()))
    const chunks = compareTable(pairOf(work), scope, { ...this.#budget(), after: from?.after ?? null }, signal)
    let done = 0
    for await (const found of chunks) {
      const chunk = await asReached(await judged(work, scope, found), work)
      this.#change(key, (entry) => compared(entry, chunk, isKeyed, clock()))
      done += 1
      if (chunk.verdict === 'divergent') await this.#save(key)
      else if (clock() - this.#savedMs >= limits.saveEveryMs.default) await this.#save(key)
      const isLast = chunk.range.upTo === null || chunk.range.bucket !== undefined
      // Only behind a key one can go on another time.
      const isOver = done >= limits.chunks.default || isOutranked(this.#schedule, key, clock())
      if (isKeyed && !isLast && isOver) return
      await Promise.all([work.left.turn(signal), work.right.turn(signal)])
    }
    this.#change(key, (entry) => ended(entry, clock()))
  }

  /** Looks once more at rows that differed. */
  async #again(key: string, { difference }: Entry, work: RowWork): Promise<void> {
    const { clock, signal } = this.#options
    if (difference === null) return
    const scope = await patiently(async () => scopeOf(work), signal)
    const isListed = !difference.more && difference.keys.length > 0
    const chunk = isListed
      ? await compareKeys(pairOf(work), scope, difference.keys, this.#budget(), signal)
      : await this.#first(work, scope, difference.from)
    const found = await judged(work, scope, chunk)
    this.#change(key, (entry) => lookedAgain(entry, found, clock()))
  }

  /** The first range from there that tells; of a table without a key all of it. */
  async #first(
    work: RowWork,
    scope: Awaited<ReturnType<typeof scopeOf>>,
    from: readonly string[] | null,
  ): Promise<ChunkVerdict> {
    const { signal } = this.#options
    let last: ChunkVerdict | null = null
    for await (const chunk of compareTable(pairOf(work), scope, { ...this.#budget(), after: from }, signal)) {
      last = chunk
      const isPart = chunk.range.bucket !== undefined
      if (chunk.verdict !== 'consistent' || !isPart) break
      await Promise.all([work.left.turn(signal), work.right.turn(signal)])
    }
    return last ?? unverifiable('nothing was compared', 'Look again in a minute.')
  }

  /** What is in rows stays where it is: `verify` shows it to whoever asks. */
  #budget(): Budget {
    return {
      passiveFence: this.#options.cluster.fence === 'passive',
      selfTests: this.#selfTests,
      images: false,
      mostDiffering: mostListed,
      fenceMs: limits.fenceMs.default,
    }
  }

  async #save(key: string): Promise<void> {
    const entry = this.#schedule.entries.get(key)
    if (entry === undefined) return
    this.#savedMs = this.#options.clock()
    if (entry.difference !== null || entry.refusal !== null) this.#then()
    await this.#options.kept.save(sampledOf(entry))
  }

  #tell(): void {
    const { onTrip, clock } = this.#options
    this.#then()
    const entries = [...this.#schedule.entries.values()].filter(({ isPresent, isReadable }) => isPresent && isReadable)
    if (entries.length === 0 || entries.some(({ endedMs }) => endedMs === null || endedMs < this.#tripMs)) return
    this.#tripMs = clock()
    onTrip(this.coverage())
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#running])
    await this.#links.close()
  }
}
