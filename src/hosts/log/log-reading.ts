import type { LogEntryFact } from '../../core/facts/cluster.ts'
import { CsvReader } from './csv.ts'
import { Gathered } from './gather.ts'
import { JsonReader } from './json.ts'
import { LineSplitter } from './lines.ts'
import type { LineReader, LogMessage } from './message.ts'
import type { LogChunk, LogFormat } from './position.ts'
import { defaultPrefix, prefixReader } from './prefix.ts'
import { StderrReader } from './stderr.ts'

/** What of the server's settings says how its log looks. */
export interface LogStyle {
  /** `log_line_prefix`; null where it is not known. */
  readonly prefix: string | null
  /** `log_timezone`; null where it is not known. */
  readonly zone: string | null
}

/** When a chunk came, on the watcher's clock, and how far the host's clock is ahead of it. */
export interface Arrival {
  readonly atMs: number
  readonly aheadMs: number
  /** The log as it was before we came: a line without a time in it may be of any day. */
  readonly isBacklog: boolean
}

/** A line from further ahead than this has a time that is not its own. */
const aheadMs = 5000

/** The log of one node: pieces of it in, entries out. Masked here; nothing above holds what the server wrote. */
export class LogReading {
  readonly #gathered: Gathered
  readonly #splitter = new LineSplitter()
  #style: LogStyle = { prefix: null, zone: null }
  /** Prefixes that were in force before: the older lines of a log have them. */
  #prefixes: readonly string[] = [defaultPrefix]
  #reader: { readonly format: LogFormat; readonly lines: LineReader } | null = null
  #isPending = false
  #arrival: Arrival = { atMs: 0, aheadMs: 0, isBacklog: true }

  constructor(node: string) {
    this.#gathered = new Gathered(node)
  }

  /** Why the log is not understood; null while it is. */
  get problem(): string | null {
    return this.#reader?.lines.problem ?? null
  }

  /** A message may go on: nothing more came yet. */
  get isPending(): boolean {
    return this.#isPending
  }

  /** Messages that were kept, in all. */
  get kept(): number {
    return this.#gathered.kept
  }

  useStyle(style: LogStyle): void {
    if (style.prefix === this.#style.prefix && style.zone === this.#style.zone) return
    this.settle()
    const known = style.prefix === null ? [] : [style.prefix]
    this.#prefixes = [...known, ...this.#prefixes.filter((prefix) => prefix !== style.prefix)].slice(0, 4)
    this.#style = style
    if (this.#reader) this.#reader = { ...this.#reader, lines: this.#readerOf(this.#reader.format) }
  }

  take(chunk: LogChunk, arrival: Arrival): void {
    if (chunk.fresh) this.#lines(this.#splitter.flush())
    if (chunk.fresh || chunk.gap !== null) this.settle()
    this.#arrival = arrival
    if (chunk.cut) this.#splitter.cut()
    if (this.#reader?.format !== chunk.format) {
      this.settle()
      this.#reader = { format: chunk.format, lines: this.#readerOf(chunk.format) }
    }
    this.#lines(this.#splitter.push(chunk.bytes))
  }

  /** Nothing more came for a while: what is pending is finished. */
  settle(): void {
    this.#add(this.#reader?.lines.end() ?? null)
    this.#isPending = false
  }

  entries(atMs: number): readonly LogEntryFact[] {
    return this.#gathered.entries(atMs)
  }

  #readerOf(format: LogFormat): LineReader {
    const { zone } = this.#style
    if (format === 'csvlog') return new CsvReader(zone)
    if (format === 'jsonlog') return new JsonReader(zone)
    return new StderrReader(
      this.#prefixes.map((prefix) => prefixReader(prefix, zone)),
      zone,
    )
  }

  #lines(lines: readonly string[]): void {
    const reader = this.#reader?.lines
    if (!reader || lines.length === 0) return
    for (const line of lines) this.#add(reader.push(line))
    this.#isPending = true
  }

  #add(message: LogMessage | null): void {
    if (!message) return
    const { atMs, aheadMs: hostAheadMs, isBacklog } = this.#arrival
    if (message.atMs === null && isBacklog) return
    const own = message.atMs === null ? atMs : message.atMs - hostAheadMs
    this.#gathered.add(message, own > atMs + aheadMs ? atMs : Math.min(own, atMs))
  }
}
