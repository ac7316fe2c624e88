import { beforeAll, expect, test } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { freePorts } from '../../lab/ports.ts'
import { testLab } from '../../lab/testing.ts'
import { openNode } from './connect.ts'
import { readAddress } from './address.ts'
import { openSession } from './session.ts'

let lab: Lab
let nobody: number
beforeAll(async () => {
  lab = await testLab()
  nobody = (await freePorts(1))[0] ?? 1
})

const place = (node: string): string => `127.0.0.1:${lab.node(node).port}`

/** The port of the server that answered; what was said, where none did. */
async function answering(hosts: readonly string[], more = '', password = lab.password('antemortem')): Promise<string> {
  const url = `postgres://antemortem:${password}@${hosts.join(',')}/auth${more}`
  const limits = { signal: AbortSignal.timeout(10_000), deadlineMs: 2_000, applicationName: 'hosts' }
  const opened = await openSession(readAddress(url, {}), limits)
  if (!opened.ok) return `${opened.failure.layer}: ${opened.failure.message}`
  const answer = await opened.session.run({ text: 'show port' }, limits)
  await opened.session.close()
  const port = answer.ok ? String(Reflect.get(Object(answer.rows[0]), 'port')) : answer.failure.message
  return lab.nodes.find((node) => String(node.port) === port)?.name ?? port
}

test('the first host that answers is taken, in the order of the text', async () => {
  const dead = `127.0.0.1:${nobody}`
  expect(await answering([dead, place('standby'), place('primary')])).toBe('standby')
  expect(await answering([place('primary'), dead])).toBe('primary')
  expect(await answering([dead, 'no-such-host.invalid'])).toMatch(/^dns: .*ECONNREFUSED.*; .*no-such-host\.invalid/)
})

test.each([
  ['read-write', 'primary'],
  ['primary', 'primary'],
  ['read-only', 'standby'],
  ['standby', 'standby'],
  ['prefer-standby', 'standby'],
  ['any', 'primary'],
])('target_session_attrs=%s finds the %s', async (wanted, found) => {
  const hosts = found === 'standby' || wanted === 'any' ? ['primary', 'standby'] : ['standby', 'primary']
  expect(await answering(hosts.map(place), `?target_session_attrs=${wanted}`)).toBe(found)
})

test('where no server is of the wanted kind, it is said of each', async () => {
  expect(await answering([place('standby')], '?target_session_attrs=read-write')).toMatch(
    /^role: .*is a standby, and read-write is wanted$/,
  )
  expect(await answering(['primary', 'reports'].map(place), '?target_session_attrs=standby')).toMatch(
    /^role: .*is a primary that takes writes.*; .*is a primary/,
  )
  expect(await answering(['primary', 'reports'].map(place), '?target_session_attrs=prefer-standby')).toBe('primary')
})

test('a server that refuses the login ends the search, as with libpq', async () => {
  expect(await answering([place('primary'), place('standby')], '', 'wrong')).toMatch(/^auth: [^;]*$/)
})

test('the reading role follows the primary, whatever its session begins with', async () => {
  const hosts = ['standby', 'primary'].map(place).join(',')
  const link = await openNode({
    name: 'writer',
    url: `${lab.url('primary', 'watch').replace(/@[^/]*/, `@${hosts}`)}?target_session_attrs=read-write`,
    signal: AbortSignal.timeout(10_000),
    deadlineMs: 2_000,
  })
  const reached = await link.reach(AbortSignal.timeout(5_000))
  expect([reached.ok, link.address]).toEqual([true, `${hosts}/auth`])
  await link.close()
})
