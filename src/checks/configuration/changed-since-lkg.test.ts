import { expect, test } from 'vitest'
import { change, findingsBeside, findingsOf, lastGood, snapshot, t0 } from '../../../test/builders.ts'
import check from './changed-since-lkg.ts'

const at = (name: string, old: string, now: string) =>
  snapshot({
    primary: { settings: { [name]: now } },
    facts: { lastGood: lastGood({ primary: { settings: { [name]: old } } }) },
  })

test('what decides who gets in is an error, with old, new and when it was seen', () => {
  const changes = [change('primary:listen_addresses', { kind: 'setting', atMs: t0 - 5000 })]
  expect(findingsBeside(check, at('listen_addresses', '*', 'localhost'), { changes })).toMatchObject([
    {
      subject: 'primary:listen_addresses',
      severity: 'error',
      evidence: { old: '*', new: 'localhost', change_seen: new Date(t0 - 5000).toISOString() },
      remedy: expect.stringContaining("alter system set listen_addresses = '*';"),
    },
  ])
})

test.each([
  ['ssl_min_protocol_version', 'TLSv1.2', 'TLSv1.3', 'error'],
  ['work_mem', '4096', '8192', 'warning'],
  ['log_statement', 'none', 'all', 'info'],
  ['primary_conninfo', 'host=db1', 'host=db2', 'info'],
])('%s is as grave as it is', (name, old, now, severity) => {
  expect(findingsOf(check, at(name, old, now))).toMatchObject([{ severity }])
})

test('other access rules are an error', () => {
  const facts = { lastGood: lastGood({ primary: { accessRulesDigest: 'old' } }) }
  expect(findingsOf(check, snapshot({ facts }))).toMatchObject([{ subject: 'primary:pg_hba.conf', severity: 'error' }])
})

test('an unchanged server, what clients see, what the server computes, and two masks are no finding', () => {
  expect(findingsOf(check, at('work_mem', '4096', '4096'))).toEqual([])
  expect(findingsOf(check, at('TimeZone', 'UTC', 'CET'))).toEqual([])
  expect(findingsOf(check, at('server_version_num', '180003', '180004'))).toEqual([])
  expect(findingsOf(check, at('archive_command', '*** (#11111111)', '*** (#22222222)'))).toEqual([])
})

test('while nothing is known good nothing has changed', () => {
  expect(findingsOf(check, snapshot({ primary: { settings: { port: '1' } } }))).toEqual([])
})
