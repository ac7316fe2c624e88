import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { percentile } from '../../src/drills/percentile.ts'
import type { Measured } from './parts.ts'
import { openStage } from './stage.ts'

const program = resolve(import.meta.dirname, '../../bin/antemortem.js')
const runs = 10
const mostMs = 1500

interface Run {
  readonly ms: number
  readonly cpuMs: number
  readonly code: number | null
}

/** The program as a person starts it, from its first byte to its exit, beside what a start alone takes. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const stage = await openStage({})
  try {
    const urls = stage.lab.nodes.map(({ name }) => stage.lab.url(name, 'watch'))
    // Node keeps what it has compiled: the second start of a program is the usual one.
    await run(['check', ...urls])
    const help: Run[] = []
    const check: Run[] = []
    for (let n = 0; n < runs; n += 1) {
      help.push(await run(['check', '--help']))
      check.push(await run(['check', ...urls]))
      progress(`check: ${check.at(-1)?.ms.toFixed(0)} ms, exit code ${check.at(-1)?.code}`)
    }
    const p95 = percentile(
      check.map(({ ms }) => ms),
      0.95,
    )
    const isHealthy = check.every(({ code }) => code === 0 || code === 1)
    const met = p95 <= mostMs && isHealthy
    const row = (name: string, all: readonly Run[]): readonly string[] => [
      name,
      ...[0.5, 0.95].map((share) =>
        percentile(
          all.map(({ ms }) => ms),
          share,
        ).toFixed(0),
      ),
      percentile(
        all.map(({ cpuMs }) => cpuMs),
        0.5,
      ).toFixed(0),
      [...new Set(all.map(({ code }) => code))].join(', '),
    ]
    return {
      header: ['command', 'p50, ms', 'p95, ms', 'own CPU p50, ms', 'exit code'],
      rows: [
        row('`antemortem check` of three nodes', check),
        row('`antemortem check --help`: what a start takes', help),
      ],
      notes: [
        `Asked: p95 of ${runs} runs at most ${mostMs} ms. Measured: ${p95.toFixed(0)} ms. ${met ? 'Met.' : '**Not met.**'}`,
        'Three nodes of a healthy lab with an application at work: primary, standby, subscriber. Exit code 1 says that a check has found something, which on these servers is a setting. From a checkout: Node strips the types of each file at every start, which the package does not need.',
      ],
      met,
    }
  } finally {
    await stage.app.stop()
    await stage.lab.close()
  }
}

/** Loaded before the program: its last word, on a pipe of its own, is what it took. */
const tellsCpu = `data:text/javascript,${encodeURIComponent(
  `import{writeSync}from'node:fs';process.on('exit',()=>{const{user,system}=process.cpuUsage();writeSync(3,String((user+system)/1000))})`,
)}`

async function run(args: readonly string[]): Promise<Run> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, ['--import', tellsCpu, program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  const [, out, , cpu] = child.stdio
  const exited = once(child, 'exit')
  const read = async (stream: unknown): Promise<string> => (stream instanceof Readable ? text(stream) : '')
  const [[code], , cpuMs] = await Promise.all([exited, read(out), read(cpu)])
  return { ms: performance.now() - startedAt, cpuMs: Number(cpuMs), code: typeof code === 'number' ? code : null }
}
