import { expect, test } from 'vitest'
import {
  change,
  contract,
  finding,
  host,
  logEntry,
  logs,
  outcomes,
  snapshot,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import type { Case } from '../../../core/diagnosis.ts'

const id = 'server/crash'
const own = { role: null, database: null, application: null, code: '00000', severity: 'LOG', count: 1 } as const
const dead = {
  from: 'here',
  node: 'primary',
  atMs: t0,
  ok: false,
  reached: false,
  ms: 1,
  detail: 'connect ECONNREFUSED',
}
const findings = [
  finding('connections/reachable', { node: 'primary', subject: 'here→primary', sinceMs: t0 - 4000 }),
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]
const absent = { hosts: [host('primary', { postmaster: 'absent' as const, pid: null, port: null })], blind: [] }
const seed = (facts: Cluster['facts'] = {}) =>
  snapshot({
    facts: {
      paths: [dead],
      hosts: absent,
      logs: logs([]),
      contracts: [contract('primary', { ok: false, layer: 'tcp', code: 'ECONNREFUSED', failures: 3 })],
      outcomes: outcomes({ primary: 'ECONNRESET' }),
      ...facts,
    },
  })
const judge = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}) =>
  diagnosed({
    snapshot: seed(facts),
    findings,
    unansweredMs: { primary: 5000, standby: 10, subscriber: 10 },
    ...more,
  })
const said = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}) =>
  named(judge(facts, more)).filter((each) => !each.startsWith('replication/'))

test('no postmaster, no order, no error of its configuration: confirmed, whatever was deployed before', () => {
  const deployed = change('login', { kind: 'deployment', source: 'webhook' })
  const diagnosis = judge({}, { changes: [deployed] })
  expect(diagnosis.causes[0]).toMatchObject({ id, subject: 'primary', verdict: 'confirmed' })
  expect(diagnosis.causes[0]?.trigger).toBeUndefined()
  expect(diagnosis.unexplained).toEqual([])
  expect(diagnosis.suspects.find((suspect) => suspect.id === 'deployment')?.verdict).toBe('ruled-out')
})

test('(a) without the host it is probable: a firewall that rejects looks the same', () => {
  const diagnosis = judge({ hosts: { hosts: [], blind: [] } })
  expect(named(diagnosis)[0]).toBe(`${id} probable`)
  expect(diagnosis.next_probe).toContain('is its postmaster there')
})

test('(a) without the log an order to stop cannot be excluded', () => {
  expect(said({ logs: { readable: [], blind: [], entries: [] } })).toEqual([`${id} probable`])
})

test('(a) a host that was asked before the silence says nothing of it', () => {
  const old = { hosts: [host('primary', { postmaster: 'absent', atMs: t0 - 60_000 })], blind: [] }
  expect(said({ hosts: old })).toEqual([`${id} probable`])
})

test('(b) while nothing is known good: probable', () => {
  expect(said({}, { lastGoodMs: null })).toEqual([`${id} probable`])
})

test('(c) a standby that restarts hurts nobody for long: nothing is confirmed within three seconds', () => {
  const soon = { unansweredMs: { primary: 1500, standby: 10, subscriber: 10 } }
  expect(said({}, soon)).toEqual([`${id} probable`])
})

test('an order to stop, and a start that failed, are other causes', () => {
  const stop = logEntry('primary', { ...own, message: 'received fast shutdown request', lastMs: t0 - 5000 })
  expect(said({ logs: logs([stop]) })).toEqual(['server/stopped possible'])
  const failed = logEntry('primary', {
    ...own,
    severity: 'FATAL',
    code: '58P01',
    message: 'could not access file "pg_cron": No such file or directory',
  })
  expect(said({ logs: logs([failed]) })[0]).toContain('server/config-prevents-start')
})

test('one that was stopped and started again did not crash: its host was asked before the start', () => {
  const [stop, start] = [
    logEntry('primary', { ...own, message: 'received fast shutdown request', lastMs: t0 - 4900 }),
    logEntry('primary', { ...own, message: 'database system is ready to accept connections', lastMs: t0 - 500 }),
  ]
  const before = { hosts: [host('primary', { postmaster: 'absent', atMs: t0 - 2000 })], blind: [] }
  expect(said({ hosts: before, logs: logs([stop, start]) })).toEqual([])
  // Gone once more, and without an order this time.
  expect(said({ logs: logs([stop, start]) })).toEqual([`${id} confirmed`])
})

test('a server that runs is cut off, and did not crash', () => {
  const found = said({ hosts: { hosts: [host('primary')], blind: [] } })
  expect(found).toEqual(['network/partition probable'])
})

test('a postmaster that was told to stop and still runs is neither cut off nor crashed', () => {
  const stop = logEntry('primary', { ...own, message: 'received fast shutdown request', lastMs: t0 - 4900 })
  expect(said({ hosts: { hosts: [host('primary')], blind: [] }, logs: logs([stop]) })).toEqual([])
})

test('silence without a refusal may be the way or the host: possible', () => {
  const silent = { ...dead, detail: 'timeout expired' }
  const lost = contract('primary', { ok: false, layer: 'tcp', code: 'CLIENT_DEADLINE', failures: 3 })
  expect(said({ paths: [silent], hosts: { hosts: [], blind: [] }, contracts: [lost] })).toEqual([`${id} possible`])
})
