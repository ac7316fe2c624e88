import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { t0 } from '../../test/builders.ts'
import type { ContractConfig } from '../core/configuration.ts'
import { failingNodes } from '../core/outcomes.ts'
import { Reported } from './reported.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'antemortem-reported-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const contract = (name: string, outcomes: string | null): ContractConfig => ({
  name,
  settings: [],
  node: 'primary',
  readOnly: false,
  reads: [],
  canary: null,
  withinMs: 1_000,
  staleMs: 5_000,
  outcomes,
})

/** `failed` of ten operations a second, for twenty seconds. */
function writes(file: string, failed: number, fromMs = t0 - 20_000): string {
  const path = join(dir, file)
  const seconds = Array.from({ length: (t0 - fromMs) / 1_000 }, (_, n) => fromMs + n * 1_000)
  const lines = seconds.flatMap((at) =>
    Array.from({ length: 10 }, (_, n) => ({ at, instance: 'app1', node: 'primary', code: n < failed ? 'X' : 'ok' })),
  )
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return path
}

test('the outcomes of every contract are read, each with its contract', async () => {
  const reported = new Reported([
    contract('login', writes('login', 0)),
    contract('none', null),
    contract('pay', writes('pay', 10)),
  ])
  const outcomes = await reported.poll(t0)
  await reported.close()
  if (!outcomes.seen) throw new Error(outcomes.detail)
  expect(outcomes.value.seconds.at(-1)?.cells).toEqual([
    { contract: 'login', instance: 'app1', node: 'primary', code: 'ok', count: 10 },
    { contract: 'pay', instance: 'app1', node: 'primary', code: 'X', count: 10 },
  ])
  expect(failingNodes(outcomes.value, t0)).toMatchObject([{ key: 'primary', total: 50, failed: 50 }])
})

test('what one application does often does not hide what another never did', async () => {
  const pay = writes('pay', 3)
  const login = writes('login', 0)
  const reported = new Reported([contract('login', login), contract('pay', pay)])
  await reported.poll(t0)
  reported.learn(t0, true)
  const usual = await reported.poll(t0)
  expect(usual).toMatchObject({ value: { baselines: { login: 0, pay: 0.3 } } })
  expect(usual.seen && failingNodes(usual.value, t0)).toEqual([])
  writes('login', 3, t0 - 4_000)
  const now = await reported.poll(t0)
  await reported.close()
  expect(now.seen && failingNodes(now.value, t0)).toMatchObject([{ key: 'primary', failed: 12 }])
})

test('a file that cannot be read beside others that can is said, and a file of two contracts is counted once', async () => {
  const login = writes('login', 0)
  const reported = new Reported([contract('login', login), contract('again', login), contract('pay', dir)])
  const outcomes = await reported.poll(t0)
  await reported.close()
  expect(outcomes).toMatchObject({ seen: true, value: { unread: [{ contract: 'pay', why: 'unreachable' }] } })
  expect(outcomes.seen && outcomes.value.seconds.at(-1)?.cells).toHaveLength(1)
})
