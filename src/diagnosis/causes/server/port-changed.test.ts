import { expect, test } from 'vitest'
import { change, host, logEntry, logs, type Cluster, t0 } from '../../../../test/builders.ts'
import { judgeGone, namedThere, noHost, refused } from '../../../../test/gone.ts'
import type { Case } from '../../../core/diagnosis.ts'
import type { LastGoodFact } from '../../../core/facts/cluster.ts'

const id = 'server/port-changed'
const lastGood: LastGoodFact = {
  atMs: t0 - 30_000,
  by: 'first',
  nodes: [
    {
      node: 'primary',
      settings: { port: '5432', listen_addresses: '*' },
      roleSettings: [],
      accessRulesDigest: 'rules',
      systemId: '1',
    },
  ],
}
const judge = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}) =>
  judgeGone({ lastGood, hosts: { hosts: [host('primary', { port: 5499 })], blind: [] }, ...facts }, more)
const said = (facts: Cluster['facts'] = {}, more: Partial<Case> = {}) => namedThere(judge(facts, more))

test('a postmaster that lives on another port: confirmed, and what looks like a cut way follows from it', () => {
  const edited = change('primary:port', { kind: 'setting', before: '5432', after: '5499', source: 'file' })
  const diagnosis = judge({}, { changes: [{ ...edited, notBeforeMs: t0 - 9000 }] })
  expect(diagnosis.causes[0]).toMatchObject({ id, subject: 'primary:port', verdict: 'confirmed', trigger: edited.id })
  expect(diagnosis.causes[1]).toMatchObject({ id: 'network/partition', follows: id, verdict: 'possible' })
})

test('the log tells where no host does', () => {
  const line = logEntry('primary', {
    role: null,
    database: null,
    severity: 'LOG',
    code: '00000',
    message: 'listening on IPv4 address "0.0.0.0", port 5499',
  })
  expect(said({ hosts: noHost, logs: logs([line]) })).toContain(`${id} confirmed`)
})

test('addresses that nobody uses are the same', () => {
  const configured = [{ file: 'postgresql.conf', line: 3, name: 'listen_addresses', value: 'localhost' }]
  expect(judge({ hosts: { hosts: [host('primary', { configured })], blind: [] } }).causes[0]).toMatchObject({
    id,
    subject: 'primary:listen_addresses',
    verdict: 'confirmed',
  })
})

test('(a) the port is as it was: a way that is cut', () => {
  expect(said({ hosts: { hosts: [host('primary')], blind: [] } })).toEqual(['network/partition probable'])
})

test('(b) while nothing is known good: probable', () => {
  expect(said({}, { lastGoodMs: null })[0]).toBe(`${id} probable`)
})

test('(c) a port that changed and is reached hurts nobody', () => {
  expect(said({ paths: [{ ...refused, ok: true, reached: true }] }).filter((each) => each.startsWith(id))).toEqual([])
})

test('a postmaster that is gone listens nowhere', () => {
  const hosts = { hosts: [host('primary', { postmaster: 'absent', port: 5499 })], blind: [] }
  expect(said({ hosts })).toEqual(['server/crash confirmed'])
})
