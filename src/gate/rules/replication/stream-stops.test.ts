import { expect, test } from 'vitest'
import { snapshot } from '../../../../test/builders.ts'
import { rehearsal } from '../../testing/rehearsal.ts'
import rule from './stream-stops.ts'

const slot = (active: boolean) => ({
  name: 'sub',
  type: 'logical' as const,
  active,
  activePid: null,
  walStatus: 'reserved',
  restartLsn: null,
  confirmedFlushLsn: null,
  failover: false,
  synced: false,
  temporary: false,
  safeWalBytes: null,
  inactiveSinceMs: null,
  invalidation: null,
})
const run = (...args: Parameters<typeof rehearsal>) => [...rule.run(rehearsal(...args))]

test('a standby that does not stream or has paused its replay is named', () => {
  expect(run({ is: { standby: { receiver: [] } } })).toMatchObject([{ object: 'standby', nodes: ['standby'] }])
  const wal = { writeLsn: null, receiveLsn: '0/1', replayLsn: '0/1', replayPaused: true, timeline: 1 }
  expect(run({ is: { standby: { wal } } })[0]?.message).toContain('paused')
})

test('a slot that nobody uses any more is a warning', () => {
  expect(
    run({ was: { primary: { replicationSlots: [slot(true)] } }, is: { primary: { replicationSlots: [slot(false)] } } }),
  ).toMatchObject([
    { object: 'primary:slot sub', severity: 'warning', remedy: expect.stringMatching(/^Leave its consumer as it is/) },
  ])
})

test('a standby that did not stream before, or behind a server that is down, is no finding of this rule', () => {
  const still = { standby: { receiver: [] } }
  expect(run({ was: still, is: still })).toEqual([])
  expect(run({ is: still, starts: [{ node: 'primary', failure: 'FATAL', refuses: null, fileErrors: [] }] })).toEqual([])
})

test('a pause that the restart ended is found between the two', () => {
  const wal = { writeLsn: null, receiveLsn: '0/1', replayLsn: '0/1', replayPaused: true, timeline: 1 }
  expect([...rule.run(rehearsal({ changed: snapshot({ standby: { wal } }) }))]).toMatchObject([{ object: 'standby' }])
})

test('a new slot that nobody uses is a warning', () => {
  expect(
    run({ was: { primary: { replicationSlots: [] } }, is: { primary: { replicationSlots: [slot(false)] } } }),
  ).toMatchObject([{ severity: 'warning', message: expect.stringContaining('new') }])
})
