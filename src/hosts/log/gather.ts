import type { LogEntryFact } from '../../core/facts/cluster.ts'
import { isKept } from './kept.ts'
import { maskContext, maskDetail, maskMessage } from './mask.ts'
import type { LogMessage } from './message.ts'
import { codeOf } from './sqlstate.ts'

const windowMs = 600_000
const most = 500

const rank: Readonly<Record<string, number>> = { PANIC: 4, FATAL: 3, ERROR: 2, WARNING: 1 }

/** Names of sessions and ports, positions and sizes differ from line to line. */
const withoutNumbers = (text: string): string =>
  text.replace(/\b(?:0x[0-9a-f]+|[0-9A-F]{1,8}\/[0-9A-F]{1,8}|[0-9a-f]{8}-[0-9a-f-]{27})\b|\d+(?:\.\d+)*/gi, 'N')

/** Messages of one node, equal ones counted: bounded however much the server writes. */
export class Gathered {
  readonly #node: string
  readonly #entries = new Map<string, LogEntryFact>()

  #kept = 0

  constructor(node: string) {
    this.#node = node
  }

  /** Messages that were kept, in all. */
  get kept(): number {
    return this.#kept
  }

  /** `atMs` on the watcher's clock. What is not kept is forgotten here. */
  add(message: LogMessage, atMs: number): void {
    if (!isKept(message)) return
    this.#kept += 1
    const code = codeOf(message)
    const words = maskMessage(message.message, code)
    const { severity, role, application } = message
    const key = JSON.stringify([
      severity,
      code,
      withoutNumbers(words),
      role,
      application && withoutNumbers(application),
    ])
    const before = this.#entries.get(key)
    if (before) {
      const [firstMs, lastMs] = [Math.min(before.firstMs, atMs), Math.max(before.lastMs, atMs)]
      this.#entries.set(key, { ...before, firstMs, lastMs, count: before.count + 1 })
      return
    }
    if (this.#entries.size >= most) this.#makeRoom()
    this.#entries.set(key, {
      node: this.#node,
      firstMs: atMs,
      lastMs: atMs,
      count: 1,
      severity,
      code,
      message: words,
      detail: message.detail === null ? null : maskDetail(message.detail),
      context: message.context === null ? null : maskContext(message.context),
      role,
      database: message.database,
      application,
    })
  }

  /** Of the last ten minutes, oldest first. */
  entries(atMs: number): readonly LogEntryFact[] {
    for (const [key, { lastMs }] of this.#entries) if (lastMs < atMs - windowMs) this.#entries.delete(key)
    return [...this.#entries.values()].toSorted((a, b) => a.firstMs - b.firstMs)
  }

  /** The least severe goes first, and of these the one that was silent for longest. */
  #makeRoom(): void {
    const value = ({ severity, lastMs }: LogEntryFact): number => (rank[severity] ?? 0) * 1e15 + lastMs
    let least: readonly [string, LogEntryFact] | null = null
    for (const each of this.#entries) if (least === null || value(each[1]) < value(least[1])) least = each
    if (least) this.#entries.delete(least[0])
  }
}
