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

const child = spawn(process.execPath, [resolve(root, 'bin/antemortem.js'), 'demo', ...process.argv.slice(2)], {
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
const paced = inShort(lines).map(({ atMs, text }) => {
  shownMs += Math.min(mostGapMs, Math.max(text === '' ? 0 : leastGapMs, atMs - beforeMs))
  beforeMs = atMs
  return { atMs: shownMs, text }
})
/** The first outage and the table of all five: a picture in a page is looked at for half a minute. */
function inShort(all: readonly Line[]): readonly Line[] {
  const [from, to] = ['Outage 1:', 'All five'].map((words) => all.findIndex(({ text }) => text.includes(words)))
  const [begin, end] = [all[from ?? -1], all[to ?? -1]]
  if (!begin || !end) return all
  const words = `⋮  outages 1 to 4: ${Math.round((end.atMs - begin.atMs) / 1000)} s as they ran, left out here`
  // What is left out passes in no time.
  const cut: Line = { atMs: begin.atMs, text: `\u001b[2m${words}\u001b[22m` }
  const after = all.slice(to).map(({ atMs, text }) => ({ atMs: atMs - (end.atMs - begin.atMs), text }))
  return [...all.slice(0, from), cut, { ...cut, text: '' }, ...after]
}

const header = { version: 2, width: columns, height: Math.min(40, paced.length), title: 'antemortem demo' }
const events = paced.map(({ atMs, text }) => JSON.stringify([atMs / 1000, 'o', `${text}\r\n`]))
writeFileSync(resolve(root, 'docs/demo.cast'), `${[JSON.stringify(header), ...events].join('\n')}\n`)
writeFileSync(resolve(root, 'docs/demo.svg'), svgOf(paced, columns))
console.log(`${paced.length} lines, ${(lines.at(-1)?.atMs ?? 0) / 1000} s as it ran, ${shownMs / 1000} s as it plays`)
