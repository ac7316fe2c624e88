import type { z } from 'zod'
import { comparingName } from '../../src/engines/postgres/rows/touched-statement.ts'
import type { Lab } from '../../src/lab/lab.ts'
import { waitUntil } from '../../src/lab/wait.ts'
import { verifyReportShape } from '../../src/shapes/verify.ts'
import { startProgram, type Place, type Ran, type Running } from '../program.ts'

export type Report = z.output<typeof verifyReportShape>

/** Of the large table alone and from its beginning: what a report says was compared, was compared by that very run. */
const command = ['verify', '--table', 'public.sales', '--fresh', '--format', 'json', '--max-load']

/** The real command, run again whenever it comes to its end, until it is stopped. */
export class Verifying implements AsyncDisposable {
  /** How often it came to its end by itself. */
  ends = 0
  readonly #place: Place
  readonly #load: number
  readonly #reports: Report[] = []
  readonly #loop: Promise<void>
  #running: Running
  #stopped = false

  private constructor(place: Place, load: number) {
    this.#place = place
    this.#load = load
    this.#running = this.#start()
    this.#loop = this.#goOn()
    // Whoever stops it hears of its failure.
    this.#loop.catch(() => undefined)
  }

  /** Returns when it has its sessions everywhere: its start and its look at the topology are over. */
  static async begin(lab: Lab, place: Place, load: number): Promise<Verifying> {
    const verifying = new Verifying(place, load)
    const sessions = `select from pg_stat_activity where application_name like '${comparingName}%'`
    try {
      await waitUntil(
        'verify to compare on every node',
        async () => {
          const all = await Promise.all(lab.nodes.map(async ({ name }) => lab.rows(name, sessions)))
          return all.every((found) => found.length > 0)
        },
        { everyMs: 100 },
      )
      return verifying
    } catch (error) {
      await verifying[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Interrupts it; all that it has told. */
  async stop(): Promise<readonly Report[]> {
    this.#stopped = true
    this.#running.interrupt()
    await this.#loop
    return this.#reports
  }

  #start(): Running {
    return startProgram(this.#place, [...command, String(this.#load)])
  }

  async #goOn(): Promise<void> {
    for (;;) {
      const ran = await this.#running.ended
      // One that was begun a moment ago has nothing to tell, and may not know yet what a signal means.
      if (this.#stopped && ran.out === '' && (ran.code === null || ran.code === 130)) return
      this.#reports.push(reportOf(ran))
      if (this.#stopped) return
      this.ends += 1
      this.#running = this.#start()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stopped) await this.stop()
  }
}

/** Also of one that was interrupted: it tells what it knows by then. */
function reportOf({ code, out, err }: Ran): Report {
  if (code === null || ![0, 1, 3, 130].includes(code) || out === '')
    throw new Error(`verify ended with exit ${code}: ${err.slice(-2000)}`)
  return verifyReportShape.parse(JSON.parse(out))
}
