import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { t0 } from '../../../test/builders.ts'
import type { Plan } from '../../core/plan.ts'
import { planOf } from '../../repair/testing/plans.ts'
import { openStore } from '../../store/open.ts'
import type { Store } from '../../store/store.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from '../testing/fake-io.ts'

let dir: string

/** Nobody answers at port 1. */
const config = `clusters:
  auth:
    engine: postgres
    nodes:
      primary: { url: "postgres://watch@127.0.0.1:1/auth", act: "postgres://admin@127.0.0.1:1/auth" }
      subscriber: { url: "postgres://watch@127.0.0.1:1/auth", act: "postgres://admin@127.0.0.1:1/auth" }
`

const plan: Plan = { ...planOf(), cluster: 'auth', basis: { fingerprint: 'f', atMs: t0, expiresMs: 8e15 } }

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mend-'))
  writeFileSync(join(dir, 'antemortem.yaml'), `${config}store: "sqlite:${join(dir, 'store.db')}"\n`)
  await withStore(async (store) => store.savePlan(plan))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(`sqlite:${join(dir, 'store.db')}`, { clock: Date.now })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** As if an earlier process had carried out these steps. */
const did = async (...steps: readonly number[]): Promise<void> =>
  withStore(async (store) => {
    const lease = await store.takeLease(`plan:${plan.subject}`, 'earlier', 10_000)
    if (!lease) throw new Error('the lease is taken')
    for (const n of steps)
      for (const phase of ['begun', 'done'] as const)
        await store.journalAppend(lease, { plan: plan.id, epoch: lease.epoch, n, phase, atMs: t0, output: {} })
    await store.releaseLease(lease)
  })

async function mend(...words: readonly string[]) {
  const io = fakeIo({ cwd: dir })
  const code = await run(['mend', ...words], commands, io)
  return { code, ...io.printed }
}

test('after a first step that was refused nothing is offered to be taken back, for nothing was done', async () => {
  const { code, out } = await mend('apply', plan.id)
  expect(code).toBe(4)
  expect(out).toMatch(/FAILED  1 .*ECONNREFUSED/)
  expect(out).toContain(`Nothing was done.\nGo on: antemortem mend resume ${plan.id}\n`)
  expect(out).not.toContain('mend undo')
})

test('after a later step that was refused, either way is named', async () => {
  await did(1, 2, 3)
  const { code, out } = await mend('resume', plan.id)
  expect(code).toBe(4)
  expect(out).toContain(`mend resume ${plan.id}   or take it back: antemortem mend undo ${plan.id}\n`)
  expect(out).not.toContain('Nothing was done')
})

test('what was done of a plan is told step by step, and how it stands', async () => {
  expect((await mend('list', plan.id)).out).toBe(`${plan.id}: nothing has been done\n`)
  await did(1)
  const { code, out } = await mend('list', plan.id)
  expect(code).toBe(0)
  expect(out).toMatch(/^2\d{3}-.*done    1\. [^]*\n.*: begun, and neither finished nor taken back/)
  const json: unknown = JSON.parse((await mend('list', plan.id, '--format', 'json')).out)
  expect(json).toMatchObject({
    plan: { id: plan.id },
    standing: 'open',
    journal: [{ phase: 'begun' }, { phase: 'done' }],
  })
  expect(await mend('list', 'mend-none')).toMatchObject({
    code: 2,
    err: expect.stringContaining("no plan 'mend-none'"),
  })
})
