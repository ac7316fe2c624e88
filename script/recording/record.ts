/** Runs the demo, notes when each line came, and writes the recording twice: for players, and as a picture that moves. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { svgOf, type Line } from './svg.ts'

const root = resolve(import.meta.dirname, '../..')
const columns = 100
/** A reader needs a moment for what the servers do in milliseconds; nobody waits for what they do in seconds. */
const leastGapMs = 160
const mostGapMs = 1_500

const child = spawn(resolve(root, 'node_modules/.bin/antemortem'), ['demo', ...process.argv.slice(2)], {
  cwd: root,
  env: { ...process.env, FORCE_COLOR: '1', NO_COLOR: '' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const startedMs = Date.now()
const lines: Line[] = []
for await (const text of createInterface({ input: child.stdout })) lines.push({ atMs: Date.now() - startedMs, text })
const code = await new Promise<number | null>((done) => {
  if (child.exitCode !== null) done(child.exitCode)
  else child.once('exit', done)
})
if (code !== 0) {
  console.error(`the demo ended with ${String(code)}: nothing was recorded`)
  process.exit(1)
}

let shownMs = 0
let beforeMs = 0
const paced = lines.map(({ atMs, text }) => {
  shownMs += Math.min(mostGapMs, Math.max(text === '' ? 0 : leastGapMs, atMs - beforeMs))
  beforeMs = atMs
  return { atMs: shownMs, text }
})
const header = { version: 2, width: columns, height: Math.min(40, paced.length), title: 'antemortem demo' }
const events = paced.map(({ atMs, text }) => JSON.stringify([atMs / 1000, 'o', `${text}\r\n`]))
writeFileSync(resolve(root, 'docs/demo.cast'), `${[JSON.stringify(header), ...events].join('\n')}\n`)
writeFileSync(resolve(root, 'docs/demo.svg'), svgOf(paced, columns))
console.log(`${paced.length} lines, ${(lines.at(-1)?.atMs ?? 0) / 1000} s as it ran, ${shownMs / 1000} s as it plays`)
