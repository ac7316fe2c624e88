import { columns } from '../../report/columns.ts'
import { wrap } from '../../report/wrap.ts'
import type { Style } from '../../report/style.ts'

export interface StageOptions {
  readonly line: (text: string) => void
  readonly style: Style
  readonly width: number
  /** What the team did then, minute by minute. */
  readonly course: readonly { readonly minute: number; readonly words: string }[]
}

/** `  1.8 s  ` and `  41 min  `: what hangs before the words. */
const clockWidth = 9
const thenWidth = 10

/** Two columns that grow downward: then, minute by minute; now, as it happens. Nothing is overwritten, so it can be piped. */
export class Stage {
  readonly #options: StageOptions
  readonly #left: number
  readonly #right: number
  #next = 0
  #startedMs: number | null = null

  constructor(options: StageOptions) {
    this.#options = options
    this.#left = Math.min(42, Math.max(26, Math.floor(options.width * 0.36)))
    this.#right = Math.max(40, options.width - this.#left - 3)
  }

  heading(left: string, right: string): void {
    const { style } = this.#options
    this.#row([style.strong(left)], [style.strong(right)])
    this.#row([style.faint('─'.repeat(this.#left - 2))], [style.faint('─'.repeat(Math.min(this.#right, 70)))])
  }

  /** The moment from which both clocks count. */
  begin(atMs: number): void {
    this.#startedMs = atMs
  }

  /** Something happens now; beside it the next thing that the team did then. */
  now(words: readonly string[], atMs: number | null = null): void {
    const { style } = this.#options
    const passedMs = atMs === null || this.#startedMs === null ? null : atMs - this.#startedMs
    const hasClock = passedMs !== null
    const clock = hasClock ? `${style.faint(`${(passedMs / 1000).toFixed(1).padStart(5)} s`)}  ` : ''
    const hang = hasClock ? clockWidth : 0
    const right = words
      .flatMap((text) => wrap(text, this.#right - hang))
      .map((text, n) => (n === 0 ? clock : ' '.repeat(hang)) + text)
    this.#row(hasClock ? this.#then() : [], right)
  }

  /** What was left of then, when now is over. */
  rest(): void {
    for (let left = this.#then(); left.length > 0; left = this.#then()) this.#row(left, [])
  }

  #then(): readonly string[] {
    const entry = this.#options.course[this.#next]
    if (!entry) return []
    this.#next += 1
    const { style } = this.#options
    const minute = `${style.faint(`${String(entry.minute).padStart(4)} min`)}  `
    return wrap(entry.words, this.#left - thenWidth).map((text, n) => (n === 0 ? minute : ' '.repeat(thenWidth)) + text)
  }

  #row(left: readonly string[], right: readonly string[]): void {
    for (const text of columns(left, right, { left: this.#left, right: this.#right })) this.#options.line(text)
  }
}
