import { makeStyle } from '../report/style.ts'
import { failureOf } from './failure.ts'
import { sinkOf, type Io } from './io.ts'
import { commands } from './registry.ts'
import { run } from './run.ts'
import { version } from './version.ts'

/** The program: reads the arguments, returns the exit code. `bin/antemortem.js` calls it, and nothing else does. */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController()
  listen(stop)
  const io: Io = {
    stdout: sinkOf(process.stdout),
    stderr: sinkOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    signal: stop.signal,
  }
  const bug = (error: unknown): void => {
    const about = { signal: stop.signal, style: makeStyle(false), version: version(), command: argv[0] ?? '' }
    const { exit, text } = failureOf(error, about)
    io.stderr.write(text)
    process.exit(exit)
  }
  process.on('uncaughtException', bug)
  process.on('unhandledRejection', bug)
  return run(argv, commands, io)
}

/** The first signal asks for an orderly end; a second one, by a hand that means it, ends at once. */
function listen(stop: AbortController): void {
  let firstMs = 0
  const ask = (name: string): void => {
    const nowMs = performance.now()
    // A launcher passes on what the terminal has sent to both already: that is one signal, not two.
    if (stop.signal.aborted && nowMs - firstMs > 500) process.exit(130)
    if (stop.signal.aborted) return
    firstMs = nowMs
    stop.abort(new DOMException(`interrupted by ${name}`, 'AbortError'))
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => ask(name))
  // The launcher that runs us under another Node is gone, killed: nobody else would tell us.
  process.on('disconnect', () => ask('SIGTERM'))
  process.channel?.unref()
}
