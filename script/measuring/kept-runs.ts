import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const root = resolve(import.meta.dirname, '../..')

/** One drill, run once: what is left of it when its lab is gone. */
const keptRun = z.object({
  /** What the watcher was not given; empty for nothing. */
  without: z.string(),
  id: z.string(),
  seed: z.number(),
  /** Nothing is wrong in it. */
  healthy: z.boolean(),
  /** What stood first is the truth; where nothing is wrong: no incident. */
  right: z.boolean(),
  happened: z.boolean(),
  cause: z.string().nullable(),
  trigger: z.enum(['right', 'listed', 'open', 'wrong']),
  wronglyConfirmed: z.array(z.string()),
  notTested: z.array(z.string()),
  noticedMs: z.number().nullable(),
  namedMs: z.number().nullable(),
})
export type KeptRun = z.output<typeof keptRun>

/** Finished runs in a file below .cache that is named for the sources: what is interrupted goes on, and another program begins anew. */
export class KeptRuns {
  readonly runs: KeptRun[]
  readonly #file: string

  constructor(digest: string) {
    const cache = join(root, '.cache')
    mkdirSync(cache, { recursive: true })
    this.#file = join(cache, `outages-${digest}.ndjson`)
    for (const name of readdirSync(cache))
      if (name.startsWith('outages-') && join(cache, name) !== this.#file) rmSync(join(cache, name))
    this.runs = existsSync(this.#file)
      ? readFileSync(this.#file, 'utf8')
          .split('\n')
          // A line that was being written when it ended is no run.
          .filter((line) => line.endsWith('}'))
          .map((line) => keptRun.parse(JSON.parse(line)))
      : []
  }

  has(run: Pick<KeptRun, 'without' | 'id' | 'seed'>): boolean {
    return this.runs.some((each) => each.without === run.without && each.id === run.id && each.seed === run.seed)
  }

  add(run: KeptRun): void {
    appendFileSync(this.#file, `${JSON.stringify(run)}\n`)
    this.runs.push(run)
  }
}
