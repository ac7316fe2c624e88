import { expect, test } from 'vitest'
import { findingsOf, lastGood, snapshot } from '../../../test/builders.ts'
import check from './parameter-drift.ts'

const good = (settings: Readonly<Record<string, string>>) => ({
  lastGood: lastGood({ primary: { settings }, standby: { settings } }),
})

test('a primary that has begun to refuse writes is critical', () => {
  const facts = good({ default_transaction_read_only: 'off' })
  expect(
    findingsOf(check, snapshot({ primary: { settings: { default_transaction_read_only: 'on' } }, facts })),
  ).toMatchObject([
    {
      subject: 'primary:default_transaction_read_only',
      severity: 'critical',
      remedy: expect.stringContaining(
        "alter system set default_transaction_read_only = 'off'; select pg_reload_conf();",
      ),
    },
  ])
})

test('while nothing is known good it is an error: it may be meant', () => {
  expect(findingsOf(check, snapshot({ primary: { settings: { default_transaction_read_only: 'on' } } }))).toMatchObject(
    [{ severity: 'error' }],
  )
})

test('another parameter that clients see is a warning', () => {
  const facts = good({ TimeZone: 'UTC' })
  expect(findingsOf(check, snapshot({ primary: { settings: { TimeZone: 'Europe/Zurich' } }, facts }))).toMatchObject([
    { subject: 'primary:TimeZone', severity: 'warning', evidence: { old: 'UTC', new: 'Europe/Zurich' } },
  ])
})

test('read only on a standby, or on a primary that always was, is no finding', () => {
  const settings = { default_transaction_read_only: 'on' }
  expect(findingsOf(check, snapshot({ standby: { settings } }))).toEqual([])
  expect(findingsOf(check, snapshot({ primary: { settings }, facts: good(settings) }))).toEqual([])
})

test('what is set for the reading role alone says nothing of what clients get', () => {
  const roleSettings = [{ role: 'antemortem', database: null, name: 'default_transaction_read_only', value: 'on' }]
  const primary = { settings: { default_transaction_read_only: 'on' }, roleSettings }
  expect(findingsOf(check, snapshot({ primary, facts: good({ default_transaction_read_only: 'off' }) }))).toEqual([])
})

test('a setting of the server that no client sees is another check’s', () => {
  expect(
    findingsOf(check, snapshot({ primary: { settings: { work_mem: '1' } }, facts: good({ work_mem: '2' }) })),
  ).toEqual([])
})
