import { setTimeout as sleep } from 'node:timers/promises'
import type { Accepted } from '../core/accepted.ts'
import type { Carried } from '../core/carried.ts'
import type { Change } from '../core/change.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import type { Case, Diagnosis } from '../core/diagnosis.ts'
import type { Event, EventBody } from '../core/event.ts'
import { seen, unseen } from '../core/observation.ts'
import type { NodeView, Snapshot } from '../core/snapshot.ts'
import { openFleet, type Fleet, type FleetTick } from '../fleet/fleet.ts'
import { currentOf, isActive } from '../incidents/absorb.ts'
import { noIncidents } from '../incidents/decide.ts'
import { CarriedBefore } from './carried-before.ts'
import { Comparing } from './comparing.ts'
import { Invariants } from './invariants.ts'
import { evaluate, harmOf, type Catalogue, type WatchState } from './evaluate.ts'
import { Probing } from './probing.ts'
import { mergedFacts, type Sampling } from './sampling.ts'
import { readerFor, Sources } from './sources.ts'
import { isTwin, withoutTwins } from './without-twins.ts'
import {
  comparisonsOf,
  mergeTouched,
  suspectTables,
  touchedBy,
  type Comparison,
  type TouchedTable,
} from './touched-tables.ts'

const secondMs = 1000
/** Between two ticks: how often outcomes are read, and comparisons and probes that are due are started. */
const betweenMs = 200
/** How often it is asked whether somebody has accepted another state as good. */
const acceptedEveryMs = 5000

export interface WatchDeps {
  readonly catalogue: Catalogue
  readonly clock: () => number
  readonly signal: AbortSignal
  /** Makes events durable and gives them their order; what it returns may be shown. */
  readonly append: (bodies: readonly EventBody[], atMs: number) => Promise<readonly Event[]>
  readonly onEvent: (event: Event) => void
  /** What an earlier watcher knew. */
  readonly resumed?: Partial<Pick<WatchState, 'incidents' | 'open' | 'changes'>>
  /** What was last known good, as it is on the disk: asked at the start, and again now and then, for a person may accept another. */
  readonly accepted?: () => Promise<Accepted | null>
  /** Called when the last known good state moves. */
  readonly onLastGood?: (good: Accepted) => Promise<void>
  /** Compare tables at once, touched or not: a single look has no change to go by. */
  readonly compareAll?: boolean
  /** Compares all tables in turn; absent where the configuration does not ask for it. */
  readonly sampling?: Sampling
  /** From the end of a round to the next one: a single look does not take a second for its second one. */
  readonly pauseMs?: number
}

interface Opened {
  readonly fleet: Fleet
  readonly reader: Awaited<ReturnType<typeof readerFor>>
  readonly accepted: Accepted | null
}

export interface Judged {
  readonly case: Case
  readonly diagnosis: Diagnosis
}

/**
 * The loop: round, findings, incidents, diagnosis. It acts on nothing. Events are shown after they are on the disk, in the
 * order of the store.
 */
export class Watch {
  readonly #cluster: ClusterConfig
  readonly #deps: WatchDeps
  readonly #fleet: Fleet
  readonly #comparing: Comparing
  readonly #probing: Probing
  readonly #carried = new CarriedBefore()
  readonly #invariants: Invariants
  readonly #sources: Sources
  #acceptedMs = 0
  #state: WatchState
  #tick: FleetTick | null = null
  #touched: readonly TouchedTable[] = []
  #judged: Judged | null = null
  #writing: Promise<void> = Promise.resolve()
  #started = false

  private constructor(cluster: ClusterConfig, deps: WatchDeps, { fleet, reader, accepted }: Opened) {
    this.#cluster = cluster
    this.#deps = deps
    this.#fleet = fleet
    this.#comparing = new Comparing(cluster, deps.clock, deps.signal, deps.sampling?.turns)
    this.#sources = new Sources(cluster, accepted, { ...deps, reader })
    this.#invariants = new Invariants(cluster, deps.clock, deps.signal)
    this.#probing = new Probing(cluster, this.#sources.good.files, deps.clock, deps.signal)
    this.#state = {
      open: deps.resumed?.open ?? new Map(),
      history: [],
      changes: deps.resumed?.changes ?? [],
      lastGood: { atMs: this.#sources.good.atMs },
      band: {},
      incidents: deps.resumed?.incidents ?? noIncidents,
      told: new Set(),
    }
  }

  static async open(cluster: ClusterConfig, deps: WatchDeps): Promise<Watch> {
    const [fleet, reader] = await Promise.all([
      openFleet(cluster, { clock: deps.clock, signal: deps.signal }),
      readerFor(cluster),
    ])
    return new Watch(cluster, deps, { fleet, reader, accepted: (await deps.accepted?.()) ?? null })
  }

  /** What was judged last: the case that a bundle is made of, and its diagnosis. */
  get judged(): Judged | null {
    return this.#judged
  }

  /** Every comparison that is wanted has been made at least twice, or shown nothing; every own rule was asked. */
  get hasCompared(): boolean {
    return this.#comparing.isSettled && this.#invariants.isSettled
  }

  get hasOpenIncident(): boolean {
    return isActive(currentOf(this.#state.incidents))
  }

  /** The present state, for somebody who says that it is good; null while a node or a file was not seen. */
  get acceptable(): Accepted | null {
    const tick = this.#tick
    return tick && this.#started ? this.#sources.good.present(tick.nodes, this.#deps.clock()) : null
  }

  get state(): WatchState {
    return this.#state
  }

  /** Until the signal is aborted. Rejects only with a bug, or when the store refuses. */
  async run(): Promise<void> {
    const { signal, pauseMs } = this.#deps
    try {
      while (!signal.aborted) {
        const startedAt = performance.now()
        await this.#round()
        const dueAt = pauseMs === undefined ? startedAt + secondMs : performance.now() + pauseMs
        while (performance.now() < dueAt && !signal.aborted) {
          await sleep(Math.min(betweenMs, Math.max(1, dueAt - performance.now())), undefined, { signal })
          await this.#between()
        }
        await this.#writing
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Ends what it opened. `watch.stopped` is the last event. */
  async close(reason: string): Promise<void> {
    await Promise.all([this.#fleet.close(), this.#comparing.close(), this.#probing.close(), this.#sources.close()])
    await Promise.all([this.#invariants.close(), this.#deps.sampling?.close()])
    await this.#writing
    await this.#write([{ type: 'watch.stopped', reason }])
  }

  async #round(): Promise<void> {
    this.#tick = await this.#fleet.tick()
    this.#sources.learnNodes(this.#tick.nodes)
    const { changes } = await this.#sources.poll()
    if (!this.#started) await this.#probing.first(this.#tick.nodes)
    await this.#takeAccepted()
    this.#consider([...this.#tick.changes, ...changes])
    this.#start(this.#tick)
    if (!this.#started && this.#tick.nodes.every(isDescribedOrGone)) {
      this.#started = true
      await this.#writing
      await this.#write([{ type: 'watch.started', nodes: this.#tick.nodes.map(({ name }) => name) }])
    }
    if (this.#started) this.#deps.sampling?.start(this.#tick.nodes, () => this.#consider([]))
  }

  /** Cheap looks between two rounds: an outage does not wait for the next second. */
  async #between(): Promise<void> {
    const tick = this.#tick
    if (!tick) return
    const { changes, isNews } = await this.#sources.poll()
    this.#start(tick)
    if (isNews) this.#consider(changes)
  }

  /** What is due, and takes its own time. */
  #start(tick: FleetTick): void {
    const hurts = this.#sources.hurting()
    const canaries = this.#probing.canaries()
    const carried = (comparison: Comparison): Carried => this.#carried.of(comparison, tick.nodes, canaries)
    this.#comparing.start(tick.nodes, hurts, carried, (isAnswered) => this.#compared(isAnswered))
    this.#probing.start(tick.nodes, hurts, () => this.#consider([]))
    this.#invariants.start(() => this.#consider([]))
  }

  /** Where somebody waits for all tables, the next one begins at once, and nothing is judged before the last. What gave no answer has to wait. */
  #compared(isAnswered: boolean): void {
    const hasMore = this.#deps.compareAll === true && isAnswered && !this.hasCompared
    if (hasMore && this.#tick) this.#start(this.#tick)
    else this.#consider([])
  }

  /** A person may have said that all is well as it is, or a gate have seen it; what a watcher thinks is its own. */
  async #takeAccepted(): Promise<void> {
    const nowMs = this.#deps.clock()
    if (!this.#deps.accepted || nowMs - this.#acceptedMs < acceptedEveryMs) return
    this.#acceptedMs = nowMs
    const accepted = await this.#deps.accepted()
    if (!accepted || (accepted.fact.by !== 'accept' && accepted.fact.by !== 'gate')) return
    if (accepted.fact.atMs <= (this.#sources.good.atMs ?? 0)) return
    this.#sources.good.take(accepted)
    this.#state = { ...this.#state, lastGood: { atMs: accepted.fact.atMs } }
  }

  #consider(changes: readonly Change[]): void {
    const tick = this.#tick
    if (!tick) return
    const atMs = this.#deps.clock()
    // Before anything is judged: what was compared before a change is not what is now.
    const touched = touchedBy(changes, tick.nodes)
    this.#comparing.changed(touched)
    this.#deps.sampling?.changed(touched)
    this.#touched = mergeTouched(this.#touched, [...touched, ...this.#suspected(tick, atMs)], atMs)
    this.#carried.learn(this.#touched, tick.nodes)
    const facts = withoutTwins(this.#facts(tick, atMs), tick.nodes)
    const snapshot: Snapshot = { cluster: this.#cluster.name, atMs, nodes: tick.nodes, facts }
    const step = evaluate(
      this.#state,
      {
        snapshot,
        newChanges: changes,
        unansweredMs: tick.unansweredMs,
        started: this.#started,
        complete: this.#started && tick.nodes.every(isDescribed),
        nextIncident: `INC-${Object.keys(this.#state.incidents.incidents).length + 1}`,
        isRound: changes.length > 0 || tick.atMs > (this.#state.history.at(-1)?.atMs ?? 0),
      },
      this.#deps.catalogue,
    )
    const good = step.state.lastGood.atMs
    if (good !== null && good !== this.#state.lastGood.atMs) {
      const marked = this.#sources.good.mark(tick.nodes, good)
      this.#writing = this.#writing.then(async () => this.#deps.onLastGood?.(marked))
    }
    this.#state = step.state
    this.#judged = { case: step.case, diagnosis: step.diagnosis }
    const calm = harmOf(step.state.open).length === 0
    this.#sources.learnUsual(atMs, calm)
    this.#comparing.want(comparisonsOf(this.#touched, tick.nodes, this.#serving()))
    if (step.events.length > 0) this.#writing = this.#writing.then(async () => this.#write(step.events))
  }

  /** Where something hurts and no change says where to look, all that a node could have wrong is looked at. */
  #suspected(tick: FleetTick, atMs: number): readonly TouchedTable[] {
    if (this.#touched.length > 0) return []
    const nodes = this.#deps.compareAll ? tick.nodes.map(({ name }) => name) : [...this.#sources.hurting()]
    return nodes.flatMap((name) => suspectTables(tick.nodes, name, atMs))
  }

  /** Nodes that serve the application's reads; null where no contract says so: then all do. */
  #serving(): ReadonlySet<string> | null {
    const nodes = this.#cluster.contracts.flatMap(({ reads, node }) => [node, ...reads.map((read) => read.node)])
    return nodes.length === 0 ? null : new Set(nodes)
  }

  #facts(tick: FleetTick, atMs: number): Snapshot['facts'] {
    const none = unseen(
      'not-configured',
      'no contract is configured',
      'Add the application under contracts: in antemortem.yaml.',
    )
    const contracts = this.#probing.contracts()
    const canaries = this.#probing.canaries()
    return {
      contracts: contracts.length > 0 ? seen(atMs, contracts) : none,
      canaries: canaries.length > 0 ? seen(atMs, canaries) : none,
      touched: seen(atMs, mergedFacts(this.#comparing.facts(), this.#deps.sampling?.facts() ?? [])),
      paths: seen(atMs, tick.paths),
      ...this.#sources.facts(atMs),
      invariants: this.#invariants.facts(atMs),
    }
  }

  async #write(bodies: readonly EventBody[]): Promise<void> {
    for (const event of await this.#deps.append(bodies, this.#deps.clock())) this.#deps.onEvent(event)
  }
}

const isDescribed = (node: NodeView): boolean =>
  isTwin(node) || (node.facts.tables.seen && node.facts.subscriptions.seen && node.facts.server.seen)
/** A node that does not answer must not keep the others from being watched. */
const isDescribedOrGone = (node: NodeView): boolean => isDescribed(node) || !node.facts.server.seen
