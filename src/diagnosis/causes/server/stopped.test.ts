import { expect, test } from 'vitest'
import { host, logEntry, logs, t0, type Cluster } from '../../../../test/builders.ts'
import { goneFindings, judgeGone, namedThere, noHost, unreadLogs } from '../../../../test/gone.ts'
import type { Case } from '../../../core/diagnosis.ts'

const id = 'server/stopped'
const own = { role: null, database: null, application: null, code: '00000', severity: 'LOG', count: 1 } as const
const at = (message: string, agoMs: number, more = {}) =>
  logEntry('primary', { ...own, message, firstMs: t0 - agoMs, lastMs: t0 - agoMs, ...more })
const ended = [at('received fast shutdown request', 41_000), at('database system is shut down', 40_000)]
const judge = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}) =>
  judgeGone(
    { logs: logs(ended), ...facts },
    {
      findings: goneFindings(40_000),
      lastGoodMs: t0 - 60_000,
      unansweredMs: { primary: 40_000, standby: 10, subscriber: 10 },
      ...more,
    },
  )
const said = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}) => namedThere(judge(facts, more))

test('shut down in good order and gone for longer than a restart takes: confirmed', () => {
  expect(said()).toEqual([`${id} confirmed`])
  expect(judge().causes[0]).toMatchObject({ subject: 'primary' })
})

test('the log says it where no host does', () => {
  expect(said({ hosts: noHost })).toEqual([`${id} confirmed`])
})

test('(a) without the lines it is another cause', () => {
  expect(said({ logs: logs([]) })).toEqual(['server/crash confirmed'])
})

test('(a) a log that nobody reads: as likely as a crash, and no more', () => {
  expect(said({ logs: unreadLogs })).toEqual(['server/crash probable', `${id} probable`])
})

test('(a) a host that was asked before the silence tells nothing of it', () => {
  const old = host('primary', { postmaster: 'absent', atMs: t0 - 60_000 })
  expect(said({ logs: unreadLogs, hosts: { hosts: [old], blind: [] } })).toContain(`${id} possible`)
})

test('(b) stopped before all was good, or nothing known good: probable', () => {
  expect(said({}, { lastGoodMs: t0 - 35_000 })).toEqual([`${id} probable`])
  expect(said({}, { lastGoodMs: null })).toEqual([`${id} probable`])
})

test('(c) a planned restart hurts nobody for long: possible within thirty seconds, and healthy after it', () => {
  expect(said({}, { unansweredMs: { primary: 8000 } })).toEqual([`${id} possible`])
  const started = at('database system is ready to accept connections', 30_000)
  expect(said({ logs: logs([...ended, started]) })).not.toContain(`${id} confirmed`)
})

test('an order that came after a crash began is the crash’s', () => {
  const panic = at('PANIC in the middle of it', 50_000, { severity: 'PANIC' })
  expect(said({ logs: logs([panic, ...ended]) })[0]).toContain('server/crash')
})
