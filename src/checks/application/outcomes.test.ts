import { expect, test } from 'vitest'
import { findingsOf, logEntry, logs, outcomes, snapshot, t0 } from '../../../test/builders.ts'
import check from './outcomes.ts'

test('failures on one node name that node, with the codes', () => {
  expect(
    findingsOf(check, snapshot({ facts: { outcomes: outcomes({ subscriber: 'APP_NO_SUCH_USER' }) } })),
  ).toMatchObject([
    {
      subject: 'subscriber',
      severity: 'critical',
      evidence: { share: 1, codes: expect.stringContaining('APP_NO_SUCH_USER') },
    },
  ])
})

test('all well: no finding', () => {
  expect(findingsOf(check, snapshot({ facts: { outcomes: outcomes({}) } }))).toEqual([])
})

test('a failing share that was usual while all was good is no finding', () => {
  const usual = { ...outcomes({ subscriber: 'APP_BAD_HASH' }), baseline: 0.9 }
  expect(findingsOf(check, snapshot({ facts: { outcomes: usual } }))).toEqual([])
})

test('what has worked since is over, unless so little was asked that it may be chance', () => {
  // The oldest second first: how many of ten operations of each second failed.
  const found = (count: number, ...failed: readonly number[]) =>
    findingsOf(
      check,
      snapshot({
        facts: {
          outcomes: {
            baseline: 0,
            seconds: failed.map((each, n) => ({
              atMs: t0 - (failed.length - n) * 1000,
              cells: [
                { instance: 'app1', node: 'primary', code: 'APP_NO_SUCH_USER', count: each },
                { instance: 'app1', node: 'primary', code: 'ok', count: count - each },
              ].filter((cell) => cell.count > 0),
            })),
          },
        },
      }),
    ).length
  expect(found(10, 10, 10, 0, 0)).toBe(0)
  expect(found(10, 0, 0, 4, 1)).toBe(1)
  // One in five is hurt: eight good operations in a row come of themselves, forty do not.
  expect(found(4, 2, 0, 1, 0, 0)).toBe(1)
  expect(found(20, 4, 4, 4, 0, 0)).toBe(0)
})

const stopped = (ago: number) =>
  logs([logEntry('primary', { severity: 'LOG', message: 'received fast shutdown request', lastMs: t0 - ago * 1000 })])

test('a planned restart is no harm for half a minute, and harm after it', () => {
  const severity = (code: string, ago: number) =>
    findingsOf(check, snapshot({ facts: { outcomes: outcomes({ primary: code }), logs: stopped(ago) } }))[0]?.severity
  expect(severity('57P03', 10)).toBe('error')
  expect(severity('ECONNREFUSED', 29)).toBe('error')
  expect(severity('ECONNREFUSED', 31)).toBe('critical')
  // A login that is refused, or rows that are missing, come from no restart.
  expect(severity('28P01', 10)).toBe('critical')
})
