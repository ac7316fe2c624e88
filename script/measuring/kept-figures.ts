import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const line = z.object({ step: z.string(), figures: z.record(z.string(), z.number()), words: z.array(z.string()) })

/** What one step of a long measurement gave. */
export type Kept = Omit<z.output<typeof line>, 'step'>

/** Finished steps in a file below .cache: what is interrupted goes on where it was. */
export class KeptFigures {
  readonly #steps = new Map<string, Kept>()
  readonly #file: string

  /** `name` says of what, and of which sources. */
  constructor(name: string, cache: string = join(resolve(import.meta.dirname, '../..'), '.cache')) {
    mkdirSync(cache, { recursive: true })
    this.#file = join(cache, `${name}.ndjson`)
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : ''
    // A line that was being written when it ended is none.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    if (whole !== text) writeFileSync(this.#file, whole)
    for (const one of whole.split('\n').filter((each) => each !== '')) {
      const { step, ...kept } = line.parse(JSON.parse(one))
      this.#steps.set(step, kept)
    }
  }

  has(step: string): boolean {
    return this.#steps.has(step)
  }

  /** Measures a step, unless it has been. */
  async take(step: string, measure: () => Promise<Kept>): Promise<Kept> {
    const known = this.#steps.get(step)
    if (known) return known
    const kept = await measure()
    appendFileSync(this.#file, `${JSON.stringify({ step, ...kept })}\n`)
    this.#steps.set(step, kept)
    return kept
  }
}
