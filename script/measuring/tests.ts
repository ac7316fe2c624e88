import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Measured } from './parts.ts'

const root = resolve(import.meta.dirname, '../..')
const mostMs = 300_000
/** Longer than that is no answer. */
const giveUpMs = 1_800_000

/** The README's test command in a clone of what is committed, as CI runs it. */
export default async function measure(progress: (words: string) => void): Promise<Measured> {
  const dir = mkdtempSync(join(tmpdir(), 'antemortem-clone-'))
  // The servers of a lab run as nobody, where we are root.
  chmodSync(dir, 0o755)
  const clone = join(dir, 'antemortem')
  try {
    execFileSync('git', ['clone', '--quiet', root, clone])
    const setup = await timed(clone, 'script/setup')
    if (setup.code !== 0) throw new Error(`script/setup failed in a clone:\n${setup.text.slice(-2000)}`)
    progress(`packages installed in ${seconds(setup.ms)} s`)
    const test = await timed(clone, 'script/test')
    const [, passed = '0', failed = '?'] = /(\d+) passed, (\d+) failed\s*$/.exec(test.text) ?? []
    progress(`${passed} passed, ${failed} failed in ${seconds(test.ms)} s`)
    const names = [...new Set(test.text.match(/^ *(?:FAIL|FAILED) .*$/gm))]
    const met = setup.ms + test.ms <= mostMs && failed === '0'
    return {
      header: ['what', 'seconds of wall time', 'result'],
      rows: [
        ['`script/setup`: packages, from the cache of npm', seconds(setup.ms), 'done'],
        ['`script/test`: types, lint, format, all tests', seconds(test.ms), `${passed} passed, ${failed} failed`],
        ['both', seconds(setup.ms + test.ms), `exit code ${test.code}`],
      ],
      notes: [
        `Asked: everything within ${mostMs / 60_000} minutes, and green. ${met ? 'Met.' : '**Not met.**'}`,
        ...(names.length > 0 ? [`Failed: ${names.map((name) => name.trim()).join('; ')}.`] : []),
      ],
      met,
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function timed(
  cwd: string,
  command: string,
): Promise<{ readonly code: number | null; readonly ms: number; readonly text: string }> {
  const startedAt = performance.now()
  // Without what our own run has put before the path: a clone brings its own Node.
  const path = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.startsWith(root))
  const child = spawn(join(cwd, command), {
    cwd,
    env: { ...process.env, PATH: path.join(':') },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: giveUpMs,
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code) => done({ code, ms: performance.now() - startedAt, text }))
  })
}

const seconds = (ms: number): string => (ms / 1000).toFixed(0)
