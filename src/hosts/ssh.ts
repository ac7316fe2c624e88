import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import type { z } from 'zod'
import { greeting, hostLook, logChunk, longestAnswer, protocolFormat, reply, type Question } from './protocol.ts'
import type { HostReader, HostReaderOptions } from './reader.ts'
import { codeOfError, read, unread, type Reading } from './reading.ts'
import { sshFailure } from './ssh-failure.ts'
import { jsonOf, linesOf } from './text-lines.ts'

export interface SshOptions extends HostReaderOptions {
  /** What ssh takes as its destination. */
  readonly target: string
  /** Before the destination; for a configuration of one's own: `-F FILE`. */
  readonly args?: readonly string[]
}

type Asked = Question extends infer Q ? (Q extends Question ? Omit<Q, 'id'> : never) : never

const limits = {
  connectMs: { default: 10_000, unit: 'ms', why: 'a handshake over a slow line, and the start of the program there' },
  answerMs: { default: 5_000, unit: 'ms', why: 'longer than any disk that still works' },
} as const
const pausesMs = [1000, 2000, 5000, 10_000, 30_000] as const

/** Nothing may ask at a terminal that is not there, and nothing but the question passes. */
const sshArgs = [
  'BatchMode=yes',
  'ConnectTimeout=5',
  'ServerAliveInterval=3',
  'ServerAliveCountMax=2',
  'LogLevel=ERROR',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'PermitLocalCommand=no',
  'ControlMaster=no',
  'ControlPath=none',
].flatMap((option) => ['-o', option])

/** Reads another host through one lasting ssh, whose forced command answers on the other side. */
export function openSshHost(options: SshOptions): HostReader {
  const state = { line: null as Line | null, nextMs: 0, failures: 0, last: unread('not asked yet', ''), aheadMs: 0 }
  let isClosed = false
  /** One way over: it stands, or it is being made, or it has failed and rests. */
  const lineNow = async (): Promise<Reading<Line>> => {
    if (isClosed) return unread('it is closed', '')
    if (state.line && !state.line.hasEnded) return state.line.ready
    if (state.line) rest(await state.line.ready)
    if (performance.now() < state.nextMs) return state.last
    state.line = new Line(options, (aheadMs) => (state.aheadMs = aheadMs))
    const ready = await state.line.ready
    if (ready.ok) state.failures = 0
    else rest(ready)
    return ready
  }
  const rest = (ready: Reading<Line>): void => {
    const line = state.line
    if (!line) return
    state.last = ready.ok ? (line.end ?? state.last) : ready
    state.line = null
    line.close()
    state.nextMs = performance.now() + (pausesMs[Math.min(state.failures, pausesMs.length - 1)] ?? 0)
    state.failures += 1
  }
  const ask = async <T>(asked: Asked, schema: z.ZodType<T>): Promise<Reading<T>> => {
    const ready = await lineNow()
    return ready.ok ? ready.value.ask(asked, schema, limits.answerMs.default) : ready
  }
  return {
    get aheadMs() {
      return state.aheadMs
    },
    async look() {
      const looked = await ask({ ask: 'look' }, hostLook)
      return looked.ok ? read({ ...looked.value, atMs: looked.value.atMs - state.aheadMs }) : looked
    },
    log: async (position) => ask({ ask: 'log', position }, logChunk),
    async close() {
      isClosed = true
      state.line?.close()
    },
  }
}

/** One ssh process and what is asked through it. */
class Line {
  readonly ready: Promise<Reading<Line>>
  readonly #target: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #onLog: () => void
  readonly #onClock: (aheadMs: number) => void
  readonly #waiting = new Map<number, (answer: Reading<unknown>) => void>()
  #nextId = 1
  #stderr = ''
  #noise: string | null = null
  #end: ReturnType<typeof unread> | null = null

  constructor({ target, args = [], maskKey, onLog }: SshOptions, onClock: (aheadMs: number) => void) {
    this.#target = target
    this.#onLog = onLog
    this.#onClock = onClock
    // What is asked for stands in authorized_keys of the other side; these words are for whoever reads its log.
    this.#child = spawn('ssh', ['-T', ...sshArgs, ...args, '--', target, 'antemortem host-read'], { stdio: 'pipe' })
    this.#child.on('error', (error) => this.#close(notStarted(error)))
    this.#child.on('close', (code) =>
      this.#close(sshFailure({ target, code, stderr: this.#stderr, noise: this.#noise })),
    )
    this.#child.stdin.on('error', () => undefined)
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#stderr = (this.#stderr + chunk.toString()).slice(-4000)))
    const reading = this.#listen()
    reading.catch((error: unknown) =>
      this.#close(unread(`the connection to ${target} broke: ${String(error)}`, 'it is made again')),
    )
    this.ready = this.#greet(Buffer.from(maskKey).toString('base64'))
  }

  get hasEnded(): boolean {
    return this.#end !== null
  }

  get end(): ReturnType<typeof unread> | null {
    return this.#end
  }

  async ask<T>(asked: Asked, schema: z.ZodType<T>, deadlineMs: number): Promise<Reading<T>> {
    if (this.#end) return this.#end
    const id = this.#nextId
    this.#nextId += 1
    const answer = await new Promise<Reading<unknown>>((resolve) => {
      const timer = setTimeout(() => this.#close(this.#silent(deadlineMs)), deadlineMs)
      this.#waiting.set(id, (said) => {
        clearTimeout(timer)
        resolve(said)
      })
      this.#child.stdin.write(`${JSON.stringify({ id, ...asked })}\n`)
    })
    if (!answer.ok) return answer
    const parsed = schema.safeParse(answer.value)
    return parsed.success
      ? read(parsed.data)
      : unread(`${this.#target} answers in a form that is not known here`, 'use the same version on both sides')
  }

  close(): void {
    this.#close(unread('it is closed', ''))
  }

  async #greet(maskKey: string): Promise<Reading<Line>> {
    const hello = await this.ask({ ask: 'hello', format: protocolFormat, maskKey }, greeting, limits.connectMs.default)
    if (!hello.ok) {
      this.#close(hello)
      return hello
    }
    if (hello.value.format === protocolFormat) return read(this)
    const other = unread(`${this.#target} has another version of the reader`, 'use the same version on both sides')
    this.#close(other)
    return other
  }

  async #listen(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout, longestAnswer)) {
      const said = line === null ? null : reply.safeParse(jsonOf(line)).data
      if (!said) {
        this.#noise = line ?? 'a line without end'
        this.#close(sshFailure({ target: this.#target, code: null, stderr: this.#stderr, noise: this.#noise }))
        return
      }
      if ('event' in said) this.#onLog()
      else if (said.ok) {
        this.#onClock(Math.abs(said.nowMs - Date.now()) < 50 ? 0 : said.nowMs - Date.now())
        this.#settle(said.id, read(said.value))
      } else if (said.id === null) this.#close(unread(said.why, said.remedy))
      else this.#settle(said.id, unread(said.why, said.remedy))
    }
  }

  #settle(id: number, answer: Reading<unknown>): void {
    this.#waiting.get(id)?.(answer)
    this.#waiting.delete(id)
  }

  #silent(deadlineMs: number): ReturnType<typeof unread> {
    const said = this.#stderr.trim()
    return said === ''
      ? unread(
          `${this.#target} has not answered for ${deadlineMs / 1000} s`,
          'look at the load and the disks of that host',
        )
      : sshFailure({ target: this.#target, code: null, stderr: said, noise: null })
  }

  #close(why: ReturnType<typeof unread>): void {
    if (this.#end) return
    this.#end = why
    this.#child.stdin.destroy()
    this.#child.kill('SIGKILL')
    for (const tell of this.#waiting.values()) tell(why)
    this.#waiting.clear()
  }
}

const notStarted = (error: Error): ReturnType<typeof unread> =>
  codeOfError(error) === 'ENOENT'
    ? unread('there is no ssh on this host', 'install the ssh client (Debian: openssh-client)')
    : unread(`ssh could not be started: ${error.message}`, 'look at the limits of this process')
