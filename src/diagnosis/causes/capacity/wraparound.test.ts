import { expect, test } from 'vitest'
import {
  contracts,
  database,
  finding,
  logEntry,
  logs,
  outcomes,
  snapshot,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'capacity/wraparound'
const findings = [finding('application/outcomes', { node: 'primary', subject: 'primary' })]
const message =
  'database is not accepting commands that assign new transaction IDs to avoid wraparound data loss in database "auth"'
const at = (xidAge: number, facts: Cluster['facts'] = {}, atMs = t0) =>
  snapshot({
    atMs,
    primary: { databases: [database('auth', { xidAge })] },
    facts: { contracts: contracts(), outcomes: outcomes({ primary: '54000' }), ...facts },
  })

test('the ids are used up since a moment ago, and writes are refused: confirmed', () => {
  const diagnosis = diagnosed({ snapshot: at(2_144_483_648), earlier: at(2_100_000_000, {}, t0 - 20_000), findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('primary')
})

test('the log says so first', () => {
  const line = logEntry('primary', { code: '54000', message })
  expect(named(diagnosed({ snapshot: at(2_144_483_648, { logs: logs([line]) }), findings }))).toEqual([
    `${id} confirmed`,
  ])
})

test('so it was before: probable', () => {
  const old = 2_144_483_648
  expect(named(diagnosed({ snapshot: at(old), earlier: at(old, {}, t0 - 20_000), findings }))).toEqual([
    `${id} probable`,
  ])
})

test('reads go on and nobody writes: possible', () => {
  expect(named(diagnosed({ snapshot: at(2_144_483_648, { outcomes: outcomes({}) }), findings }))).toEqual([
    `${id} possible`,
  ])
})

test('old, and far from the end: not named', () => {
  expect(named(diagnosed({ snapshot: at(1_900_000_000), findings })).join()).not.toContain(id)
})

test('another limit of the server has the same code', () => {
  const line = logEntry('primary', {
    code: '54000',
    message: 'index row size 2712 exceeds btree version 4 maximum 2704',
  })
  expect(named(diagnosed({ snapshot: at(1000, { logs: logs([line]) }), findings })).join()).not.toContain(id)
})
