import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'

const program = resolve(import.meta.dirname, '../bin/antemortem.js')

/** A directory with a configuration, and the addresses that it names. */
export interface Place {
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
}

/** One run of the program, from its start to its exit. */
export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
  readonly ms: number
}

export interface Running {
  readonly ended: Promise<Ran>
  /** As Ctrl-C does. */
  readonly interrupt: () => void
}

/** The program as a person starts it, in a process of its own; it ends with us, however we end. */
export function startProgram({ dir, env }: Place, args: readonly string[]): Running {
  const startedAt = performance.now()
  const child = spawn('setpriv', ['--pdeathsig=KILL', process.execPath, program, ...args], {
    cwd: dir,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = async (): Promise<Ran> => {
    const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
    return { code: typeof code === 'number' ? code : null, out, err, ms: performance.now() - startedAt }
  }
  return { ended: ended(), interrupt: () => void child.kill('SIGINT') }
}

/** Its JSON, and how long it took; another exit than 0 is our failure. */
export async function answerOf(
  place: Place,
  args: readonly string[],
): Promise<{ readonly json: unknown; readonly ms: number }> {
  const { code, out, err, ms } = await startProgram(place, [...args, '--format', 'json']).ended
  if (code !== 0)
    throw new Error(`antemortem ${args.join(' ')}: exit ${code}\n${out.slice(-2000)}\n${err.slice(-2000)}`)
  return { json: JSON.parse(out), ms }
}
