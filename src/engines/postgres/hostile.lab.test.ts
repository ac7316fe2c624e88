import { expect, test } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { testLab } from '../../lab/testing.ts'
import type { NodeLink } from './connect.ts'
import { openNode } from './connect.ts'
import { sampleFast, sampleSlow } from './sample.ts'

const signal = new AbortController().signal
const options = { signal, deadlineMs: 5000, clock: Date.now }

const open = async (lab: Lab, node: string): Promise<NodeLink> =>
  openNode({ name: node, url: lab.url(node, 'watch'), signal, deadlineMs: 5000 })

const settingsOf = async (link: NodeLink): Promise<Readonly<Record<string, string>>> => {
  const { settings } = (await sampleSlow(link, options)).facts
  if (!settings?.seen) throw new Error(`settings: ${settings?.detail ?? 'not asked'}`)
  return settings.value
}

const blindIn = async (link: NodeLink): Promise<readonly string[]> => {
  const facts = { ...(await sampleFast(link, options)).facts, ...(await sampleSlow(link, options)).facts }
  return Object.entries(facts).flatMap(([key, fact]) => (fact.seen ? [] : [`${key}: ${fact.detail}`]))
}

/** Each has hidden an outage from its own monitor, or would hide rows and plans from it. */
const hostile = {
  statement_timeout: '1ms',
  lock_timeout: '1ms',
  default_transaction_read_only: 'on',
  default_transaction_isolation: 'serializable',
  search_path: 'nowhere',
  row_security: 'on',
  timezone: 'Pacific/Kiritimati',
  datestyle: 'SQL, DMY',
  idle_session_timeout: '500ms',
  // Much less, and nobody gets through the login itself, whatever he sets.
  transaction_timeout: '200ms',
} as const

test('a server whose new settings stop everybody else is still read, by sessions old and new, and tells them', async () => {
  const lab = await testLab()
  const [oldPrimary, oldStandby] = [await open(lab, 'primary'), await open(lab, 'standby')]
  const before = await settingsOf(oldPrimary)
  expect(before['statement_timeout']).toBe('0')
  for (const node of ['primary', 'standby']) {
    lab.setConf(node, hostile)
    lab.reload(node)
  }
  await expect.poll(async () => (await settingsOf(oldPrimary))['statement_timeout']).toBe('1')
  await expect.poll(async () => (await settingsOf(oldStandby))['statement_timeout']).toBe('1')
  const [newPrimary, newStandby] = [await open(lab, 'primary'), await open(lab, 'standby')]
  // Longer than idle_session_timeout, which would have ended them.
  await new Promise((resolve) => setTimeout(resolve, 600))
  for (const link of [oldPrimary, oldStandby, newPrimary, newStandby]) {
    expect(link.lastAttempt).toMatchObject({ ok: true, detail: null })
    expect(await blindIn(link)).toEqual([])
    await link.close()
  }
})

test('the reading session shows what a new session of anybody would get, not what it has set for itself', async () => {
  const lab = await testLab()
  const link = await open(lab, 'primary')
  expect(await settingsOf(link)).toMatchObject({
    search_path: '"$user", public',
    default_transaction_read_only: 'off',
    jit: expect.any(String),
  })
  await link.close()
})

test('a server that stops answering in the middle is given up, and the next sample has a new session', async () => {
  const lab = await testLab()
  const link = await open(lab, 'primary')
  const reached = await link.reach(signal)
  if (!reached.ok) throw new Error(reached.failure.message)
  const { pid } = reached.reader.session
  process.kill(pid, 'SIGSTOP')
  const startedAt = performance.now()
  const silent = await sampleFast(link, { ...options, deadlineMs: 300 })
  process.kill(pid, 'SIGCONT')
  expect(performance.now() - startedAt).toBeLessThan(2000)
  expect(silent.facts.server).toMatchObject({ seen: false, why: 'timed-out' })
  expect(await blindIn(link)).toEqual([])
  await link.close()
})

test('it can change nothing', async () => {
  const lab = await testLab()
  const link = await open(lab, 'primary')
  const reached = await link.reach(signal)
  if (!reached.ok) throw new Error(reached.failure.message)
  const answer = await reached.reader.session.run({ text: 'create table public.ours(a int)' }, options)
  expect(answer).toMatchObject({ ok: false, failure: { code: '25006' } })
  await link.close()
})
