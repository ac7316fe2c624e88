import { setTimeout as sleep } from 'node:timers/promises'
import type { Change } from '../core/change.ts'
import type { HostFact, LogEntryFact } from '../core/facts/cluster.ts'
import { hostChanges } from '../changes/host.ts'
import { LogReading } from '../hosts/log/log-reading.ts'
import type { LogPosition } from '../hosts/log/position.ts'
import type { HostReader } from '../hosts/reader.ts'
import { unread, type Reading, type Unread } from '../hosts/reading.ts'
import { Alarm } from './alarm.ts'

export interface PollerOptions {
  readonly node: string
  readonly reader: HostReader
  readonly clock: () => number
  readonly signal: AbortSignal
  /** Settings in force, where the server has told them: they say how its log looks. */
  readonly settings: () => Readonly<Record<string, string>> | null
  /** Called as soon as the log has an entry that was not there. */
  readonly onEntry: () => void
}

const everyMs = 1000
/** A message may have more lines: so long nothing more must come. */
const settleMs = 100
/** What is older than this is no state of now. */
const staleMs = 10_000
/** Pieces of a log at one turn: what is left comes at the next, and everybody else gets a turn as well. */
const piecesAtOnce = 32
const closeMs = 2000
/** What was skipped is told for so long. */
const gapMs = 60_000

/** One node's host: looks once a second, reads its log as it grows. The two never overlap with themselves, nor wait for each other. */
export class HostPoller {
  readonly node: string
  readonly #options: PollerOptions
  readonly #logAlarm = new Alarm()
  readonly #lookAlarm = new Alarm()
  readonly #reading: LogReading
  #position: LogPosition | null = null
  #isBacklog = true
  #look: Reading<HostFact> | null = null
  #lastSeen: HostFact | null = null
  #lookedMs: number
  #log: { readonly ok: true } | ({ readonly ok: false } & Unread) | null = null
  #logFailures = 0
  #loggedMs: number
  #gap: { readonly words: string; readonly atMs: number } | null = null
  #changes: Change[] = []
  readonly #running: readonly Promise<void>[]

  constructor(options: PollerOptions) {
    this.node = options.node
    this.#options = options
    this.#reading = new LogReading(options.node)
    this.#lookedMs = this.#loggedMs = options.clock()
    const first = Promise.withResolvers<void>()
    this.#running = [this.#looking(first.resolve), this.#following(first.promise)]
  }

  /** The log has perhaps grown. */
  wake(): void {
    this.#logAlarm.ring()
  }

  /** What is known of the host; null before the first answer. */
  host(atMs: number): Reading<HostFact> | null {
    if (!this.#look) return atMs - this.#lookedMs > staleMs ? silent(atMs - this.#lookedMs) : null
    return this.#look.ok && atMs - this.#lookedMs > staleMs ? silent(atMs - this.#lookedMs) : this.#look
  }

  /** Is the log read to its end? null before the first answer. */
  log(atMs: number): { readonly ok: true } | ({ readonly ok: false } & Unread) | null {
    if (atMs - this.#loggedMs > staleMs) return silent(atMs - this.#loggedMs)
    if (this.#log?.ok !== true) return this.#log
    const problem = this.#reading.problem
    if (problem !== null)
      return unread(problem, "set lc_messages = 'C' on the server, and log to stderr, csvlog or jsonlog")
    const gap = this.#gap
    return gap && atMs - gap.atMs < gapMs
      ? unread(gap.words, 'let the server write less: log_statement, log_min_duration_statement')
      : this.#log
  }

  entries(atMs: number): readonly LogEntryFact[] {
    return this.#reading.entries(atMs)
  }

  takeChanges(): readonly Change[] {
    const taken = this.#changes
    this.#changes = []
    return taken
  }

  async close(): Promise<void> {
    await this.#options.reader.close()
    this.#logAlarm.ring()
    this.#lookAlarm.ring()
    // A file system that hangs holds its reader for ever; nobody else has to wait for it.
    await Promise.race([Promise.all(this.#running), sleep(closeMs, undefined, { ref: false })])
  }

  async #looking(firstLook: () => void): Promise<void> {
    const { reader, clock, signal, node } = this.#options
    while (!signal.aborted) {
      const startedAt = performance.now()
      const looked = await reader.look()
      this.#lookedMs = clock()
      this.#look = looked.ok ? { ok: true, value: { node, ...looked.value, atMs: this.#lookedMs } } : looked
      if (this.#look.ok) {
        if (this.#lastSeen) this.#changes.push(...hostChanges(this.#lastSeen, this.#look.value))
        this.#lastSeen = this.#look.value
      }
      firstLook()
      await this.#lookAlarm.wait(everyMs - (performance.now() - startedAt), signal)
    }
  }

  async #following(firstLook: Promise<void>): Promise<void> {
    const { signal } = this.#options
    // The configuration says how the lines look.
    await firstLook
    while (!signal.aborted) {
      const startedAt = performance.now()
      const grew = await this.#read()
      const pauseMs = grew || this.#reading.isPending ? settleMs : everyMs - (performance.now() - startedAt)
      await this.#logAlarm.wait(pauseMs, signal)
    }
  }

  /** Reads what there is, up to a measure. Did it grow? */
  async #read(): Promise<boolean> {
    const { reader, clock, onEntry, signal } = this.#options
    this.#reading.useStyle(this.#style())
    const before = this.#reading.kept
    let bytes = 0
    for (let n = 0; n < piecesAtOnce && !signal.aborted; n += 1) {
      const piece = await reader.log(this.#position)
      const atMs = clock()
      if (!piece.ok) {
        this.#logFailures += 1
        // A file that is being rotated is away for a moment.
        if (this.#logFailures > 1 || this.#log === null) this.#log = piece
        this.#loggedMs = atMs
        this.#reading.settle()
        break
      }
      const { value } = piece
      bytes += value.bytes.length
      this.#position = value.position
      this.#reading.take(value, { atMs, aheadMs: reader.aheadMs, isBacklog: this.#isBacklog })
      if (value.gap !== null) this.#gap = { words: `${value.file}: ${value.gap}`, atMs }
      if (value.more) continue
      this.#isBacklog = false
      this.#logFailures = 0
      this.#log = { ok: true }
      this.#loggedMs = atMs
      if (bytes === 0) this.#reading.settle()
      break
    }
    if (this.#reading.kept > before) onEntry()
    return bytes > 0
  }

  #style(): { readonly prefix: string | null; readonly zone: string | null } {
    const settings = this.#options.settings()
    const inFiles = (name: string): string | null =>
      this.#lastSeen?.configured.findLast((each) => each.name === name)?.value ?? null
    const value = (name: string): string | null => settings?.[name] ?? inFiles(name)
    return { prefix: value('log_line_prefix'), zone: value('log_timezone') }
  }
}

const silent = (forMs: number): { readonly ok: false } & Unread =>
  unread(`its host has not answered for ${Math.round(forMs / 1000)} s`, 'look at the load and the disks of that host')
