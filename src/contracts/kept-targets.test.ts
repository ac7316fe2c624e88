import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ClusterConfig } from '../core/configuration.ts'
import { KeptTargets } from './kept-targets.ts'

let dir = ''
let file = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kept-targets-'))
  file = join(dir, 'app.env')
  put('db1')
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(dir, { recursive: true, force: true })
})

const put = (host: string): void => writeFileSync(file, `DATABASE_URL=postgres://app:secret@${host}/app\n`)
const cluster = (): ClusterConfig => ({
  name: 'auth',
  engine: 'postgres',
  nodes: [{ name: 'primary', url: 'postgres://db1/app', act: null, host: null }],
  contracts: [
    {
      name: 'login',
      settings: [{ file, key: null }],
      node: 'primary',
      readOnly: false,
      reads: [],
      canary: null,
      withinMs: 1000,
      staleMs: 5000,
      outcomes: null,
    },
  ],
  fence: 'message',
  invariants: [],
})
const hostsOf = ({ targets }: KeptTargets): readonly string[] =>
  targets.map((target) => ('settings' in target ? target.settings.host : `problem: ${target.problem.message}`))
/** Later on the clock of the watcher and of files, without waiting for it. */
const laterMs = (ms: number): void => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.now() + ms })
}

test('a settings file that changes is seen when it is asked for the next time', () => {
  const kept = new KeptTargets(cluster())
  expect(hostsOf(kept)).toEqual(['db1'])
  put('db2')
  expect(hostsOf(kept)).toEqual(['db2'])
  rmSync(file)
  expect(hostsOf(kept)).toEqual([expect.stringContaining('problem: cannot read its settings')])
  put('db3')
  expect(hostsOf(kept)).toEqual(['db3'])
})

test('settings files that stand still are read once a second, not at every look', () => {
  laterMs(3_000)
  const kept = new KeptTargets(cluster())
  const { targets } = kept
  expect(kept.targets).toBe(targets)
  laterMs(1_100)
  vi.advanceTimersByTime(1_100)
  const later = kept.targets
  expect(later).not.toBe(targets)
  expect(hostsOf(kept)).toEqual(['db1'])
  put('db2')
  expect(hostsOf(kept)).toEqual(['db2'])
})
