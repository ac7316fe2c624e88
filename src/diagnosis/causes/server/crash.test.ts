import { expect, test } from 'vitest'
import { change, contract, host, logEntry, logs, t0, type Cluster } from '../../../../test/builders.ts'
import { named } from '../../../../test/diagnosing.ts'
import { absentHost, judgeGone, namedThere, noHost, refused, unreadLogs } from '../../../../test/gone.ts'
import type { Case } from '../../../core/diagnosis.ts'

const id = 'server/crash'
const own = { role: null, database: null, application: null, code: '00000', severity: 'LOG', count: 1 } as const
const said = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}) => namedThere(judgeGone(facts, more))

test('no postmaster, no order, no error of its configuration: confirmed, whatever was deployed before', () => {
  const deployed = change('login', { kind: 'deployment', source: 'webhook' })
  const diagnosis = judgeGone({}, { changes: [deployed] })
  expect(diagnosis.causes[0]).toMatchObject({ id, subject: 'primary', verdict: 'confirmed' })
  expect(diagnosis.causes[0]?.trigger).toBeUndefined()
  expect(diagnosis.unexplained).toEqual([])
  expect(diagnosis.suspects.find((suspect) => suspect.id === 'deployment')?.verdict).toBe('ruled-out')
})

test('(a) without the host it is probable: a firewall that rejects looks the same', () => {
  const diagnosis = judgeGone({ hosts: noHost })
  expect(named(diagnosis)[0]).toBe(`${id} probable`)
  expect(diagnosis.next_probe).toContain('is its postmaster there')
})

test('(a) without the log an order to stop cannot be excluded', () => {
  const diagnosis = judgeGone({ logs: unreadLogs })
  expect(namedThere(diagnosis)).toEqual([`${id} probable`, 'server/stopped probable'])
  expect(diagnosis.causes[0]?.evidence[0]?.words).not.toContain('ordered')
})

test('(a) with neither, three causes look alike and none is named: unknown, with what would tell', () => {
  const diagnosis = judgeGone({ hosts: noHost, logs: unreadLogs })
  expect(diagnosis.verdict).toBe('unknown')
  expect(namedThere(diagnosis)).toEqual([
    'server/config-prevents-start possible',
    `${id} possible`,
    'server/stopped possible',
  ])
  expect(diagnosis.next_probe).toContain('the log and the host of primary')
})

test('(a) files with which it would not start: what was logged of a start may not be read yet', () => {
  const broken = host('primary', { postmaster: 'absent', missingLibraries: ['pg_cron'] })
  expect(said({ hosts: { ...absentHost, hosts: [broken] } })).toEqual([`${id} probable`])
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
  const silent = { ...refused, detail: 'timeout expired' }
  const lost = contract('primary', { ok: false, layer: 'tcp', code: 'CLIENT_DEADLINE', failures: 3 })
  expect(said({ paths: [silent], hosts: noHost, contracts: [lost] })).toEqual([`${id} possible`])
})
