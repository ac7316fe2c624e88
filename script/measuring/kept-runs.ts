import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const root = resolve(import.meta.dirname, '../..')

/** What one watcher said of an outage. */
const watched = z.object({
  /** What it was not given; empty for nothing. */
  without: z.string(),
  /** What stood first is the truth; where nothing is wrong: no incident. */
  right: z.boolean(),
  cause: z.string().nullable(),
  trigger: z.enum(['right', 'listed', 'open', 'wrong']),
  /** The change that was named. */
  triggerNamed: z.string().nullable(),
  wronglyConfirmed: z.array(z.string()),
  incidents: z.number(),
  notTested: z.array(z.string()),
  /** Suspects that have neither a number nor a reason for having none. */
  unexplained: z.array(z.string()),
  noticedMs: z.number().nullable(),
  /** After the trigger. */
  namedMs: z.number().nullable(),
  /** After the first failed login; below 0 where it was named before anybody was hurt. */
  namedAfterHarmMs: z.number().nullable(),
})

/** One outage in one lab: what is left of it when the lab is gone. */
const keptOutage = z.object({
  id: z.string(),
  seed: z.number(),
  /** `healthy` where no incident may open, `unknown` where no cause is right. */
  truth: z.enum(['cause', 'healthy', 'unknown']),
  /** Why it was not the harm that the drill is about; null where it was. */
  notHappened: z.string().nullable(),
  /** Labs and other heavy work on the machine at the same time, itself among them: timing suffers by it. */
  atOnce: z.number(),
  watched: z.array(watched),
})
export type KeptOutage = z.output<typeof keptOutage>
/** One watcher's view of one outage: a run of the tables. */
export type KeptRun = z.output<typeof watched> & Omit<KeptOutage, 'watched'>

/**
 * Finished outages in a file below .cache that is named for the sources: what is interrupted goes on, and another program begins
 * anew. One outage is one line: half of its watchers are never kept.
 */
export class KeptRuns {
  readonly #outages: KeptOutage[]
  readonly #file: string

  constructor(digest: string, cache: string = join(root, '.cache')) {
    mkdirSync(cache, { recursive: true })
    this.#file = join(cache, `outages-${digest}.ndjson`)
    for (const name of readdirSync(cache))
      if (name.startsWith('outages-') && join(cache, name) !== this.#file) rmSync(join(cache, name))
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : ''
    // A line that was being written when it ended is none, and what comes next begins anew.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    if (whole !== text) writeFileSync(this.#file, whole)
    this.#outages = whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => keptOutage.parse(JSON.parse(line)))
  }

  /** In whatever order they ended: by seed, then by drill, then by what was withheld. */
  runs(seeds: readonly number[], ids: readonly string[], withouts: readonly string[]): readonly KeptRun[] {
    return this.#outages
      .filter(({ seed, id }) => seeds.includes(seed) && ids.includes(id))
      .flatMap(({ watched, ...outage }) => watched.map((one): KeptRun => ({ ...outage, ...one })))
      .toSorted(
        (a, b) =>
          a.seed - b.seed ||
          ids.indexOf(a.id) - ids.indexOf(b.id) ||
          withouts.indexOf(a.without) - withouts.indexOf(b.without),
      )
  }

  has({ id, seed }: Pick<KeptOutage, 'id' | 'seed'>): boolean {
    return this.#outages.some((each) => each.id === id && each.seed === seed)
  }

  add(outage: KeptOutage): void {
    appendFileSync(this.#file, `${JSON.stringify(outage)}\n`)
    this.#outages.push(outage)
  }
}
