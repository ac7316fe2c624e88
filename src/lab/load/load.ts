import { programBeside, startChild } from '../child-program.ts'

export interface PgloadOptions {
  readonly clients: number
  readonly forMs: number
  /** Which one they read. */
  readonly table: string
}

/** What keeps running beside a drill. It ends by itself, with `stop`, or with this process. */
export interface Load {
  stop(): Promise<void>
}

const ended = (): Error => new Error('the load has ended')

/** Processes that only count. */
export function startBurn(processes: number, forMs: number): Load {
  const program = programBeside(import.meta.url, 'burn-process')
  const all = Array.from({ length: processes }, () => startChild(program, forMs, { ended }))
  return { stop: async () => void (await Promise.all(all.map(async (one) => one.stop()))) }
}

/** Sessions that ask without a pause. */
export function startPgload(url: string, options: PgloadOptions): Load {
  const one = startChild(programBeside(import.meta.url, 'pgload-process'), options, { ended })
  one.child.send(url)
  return { stop: async () => one.stop() }
}
