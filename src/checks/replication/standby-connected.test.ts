import { expect, test } from 'vitest'
import { findingsOf, logEntry, logs, receiver, sender, snapshot, t0 } from '../../../test/builders.ts'
import check from './standby-connected.ts'

const at = (seconds: number, streaming: boolean, settings: Readonly<Record<string, string>> = {}) =>
  snapshot({ atMs: t0 + seconds * 1000, standby: { receiver: streaming ? [receiver()] : [], settings } })

test('a standby without a receiver is found', () => {
  expect(findingsOf(check, snapshot({ standby: { receiver: [] } }))).toMatchObject([
    { subject: 'standby', severity: 'error' },
  ])
})

test('what its log said last is in the evidence', () => {
  const message = 'could not connect to the primary server: connection refused'
  const entries = [logEntry('standby', { message }), logEntry('standby', { message: 'checkpoint complete' })]
  expect(findingsOf(check, snapshot({ standby: { receiver: [] }, facts: { logs: logs(entries) } }))).toMatchObject([
    { evidence: { log: message } },
  ])
})

test('a standby that is still catching up after a minute is a warning', () => {
  const catching = (seconds: number) =>
    snapshot({ atMs: t0 + seconds * 1000, primary: { senders: [sender('standby', { state: 'catchup' })] } })
  expect(findingsOf(check, catching(61), snapshot({ atMs: t0 - 1000 }), catching(0), catching(30))).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('61 s') },
  ])
  expect(findingsOf(check, catching(30), catching(0))).toEqual([])
})

test('a streaming standby, and a primary that has no receiver by nature, are no finding', () => {
  expect(findingsOf(check, snapshot())).toEqual([])
})

test('a restart of its upstream, and a switchover, are no finding before the grace is over', () => {
  expect(findingsOf(check, at(6, false), at(0, true), at(3, false))).toEqual([])
  expect(findingsOf(check, at(11, false), at(0, true), at(3, false))).toHaveLength(1)
})

test('a standby that is fed by an archive alone is not meant to stream', () => {
  const fed = { primary_conninfo: '', restore_command: '*** (#12345678)' }
  expect(findingsOf(check, at(0, false, fed))).toEqual([])
  expect(findingsOf(check, at(0, false, { ...fed, restore_command: '' }))).toHaveLength(1)
})
