import { expect, test } from 'vitest'
import { change, findingsBeside, logEntry, logs, snapshot, t0 } from '../../../test/builders.ts'
import type { LogEntryFact } from '../../core/facts/cluster.ts'
import check from './new-after-change.ts'

const found = (entries: readonly LogEntryFact[], changedMs: number | null = t0 - 60_000) =>
  findingsBeside(
    check,
    snapshot({ facts: { logs: logs(entries) } }),
    changedMs === null
      ? {}
      : {
          changes: [
            change('primary:public.users', { atMs: changedMs, notBeforeMs: changedMs - 5000, after: 'altered' }),
          ],
        },
  )
const entry = (more: Partial<LogEntryFact> = {}) =>
  logEntry('primary', {
    code: '42703',
    message: 'column "mail" does not exist',
    firstMs: t0 - 58_000,
    count: 5,
    ...more,
  })

test('errors that were not there before a change are linked to it', () => {
  expect(found([entry()])).toMatchObject([
    {
      subject: 'primary',
      severity: 'warning',
      evidence: { sqlstate: '42703', change: 'primary:public.users', after: 'altered', count: 5 },
    },
  ])
})

test('thirty a minute are a program, and an error', () => {
  expect(found([entry({ count: 40 })])).toMatchObject([{ severity: 'error', evidence: { per_minute: 40 } }])
})

test('an error that comes before its change was noticed is still the change’s', () => {
  expect(found([entry({ firstMs: t0 - 63_000 })])).toHaveLength(1)
})

test('errors older than the change, or long after it, or without one, are not its', () => {
  expect(found([entry({ firstMs: t0 - 500_000 })])).toEqual([])
  expect(found([entry()], t0 - 3_000_000)).toEqual([])
  expect(found([entry()], null)).toEqual([])
})

test('one or two, the end of sessions by a restart, our own, and what is no failure are no finding', () => {
  expect(found([entry({ count: 2 })])).toEqual([])
  expect(found([entry({ severity: 'FATAL', code: '57P01' })])).toEqual([])
  expect(found([entry({ application: 'antemortem' })])).toEqual([])
  expect(found([entry({ severity: 'LOG' })])).toEqual([])
})

test('a follower whose upstream was restarted on purpose has no new errors', () => {
  const lost = (node: string) =>
    logEntry(node, { role: null, code: '08006', message: 'could not receive data from WAL stream: x', count: 5 })
  const order = logEntry('primary', { severity: 'LOG', message: 'received fast shutdown request' })
  expect(found([order, lost('standby')])).toEqual([])
  expect(found([lost('standby')])).toHaveLength(1)
})
