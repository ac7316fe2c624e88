import { expect, test } from 'vitest'
import {
  contract,
  contracts,
  finding,
  host,
  outcomes,
  settingsFile,
  snapshot,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'capacity/overload'
const full = { hosts: [host('primary', { cpuBusy: 0.99 })], blind: [] }
const busy = { nodes: [{ node: 'primary', active: 40, band: 4 }] }
const late = ['app1', 'app2', 'app3'].map((instance) =>
  contract('primary', { instance, ok: false, layer: 'latency', ms: 900, roundTripMs: 60, failures: 3 }),
)
const findings = [
  finding('connections/contract', { node: 'primary', subject: 'contract login:app1→primary' }),
  finding('application/outcomes', { node: 'primary', subject: 'primary' }),
]
const seed = (facts: Cluster['facts'] = {}, primary: Cluster['primary'] = {}) =>
  snapshot({
    primary,
    facts: { hosts: full, contracts: late, outcomes: outcomes({ primary: 'CLIENT_TIMEOUT' }), ...facts },
  })
const said = (snap: ReturnType<typeof snapshot>, more = {}) =>
  named(diagnosed({ snapshot: snap, findings, load: busy, ...more }))

test('more sessions than ever while all was good, and no core left: confirmed', () => {
  expect(said(seed())).toEqual([`${id} confirmed`])
})

test('(a) without the host, sessions above the band are what many causes look like: probable', () => {
  expect(said(seed({ hosts: { hosts: [], blind: [] } }))).toEqual([`${id} probable`])
})

test('(b) without a band nothing is above it, and while nothing is known good it is probable', () => {
  expect(said(seed(), { load: { nodes: [{ node: 'primary', active: 40, band: null }] } })).toEqual([])
  expect(said(seed(), { lastGoodMs: null })).toEqual([`${id} probable`])
})

test('(c) load that hurts nobody, and failures that load does not give', () => {
  expect(said(seed({ contracts: contracts(), outcomes: outcomes({}) }), { findings: [] })).toEqual([`${id} possible`])
  expect(said(seed({ contracts: contracts(), outcomes: outcomes({ primary: 'APP_NO_SUCH_USER' }) }))).toEqual([
    `${id} possible`,
  ])
})

test('a host that has cores left is not overloaded, however many sessions wait', () => {
  expect(said(seed({ hosts: { hosts: [host('primary', { cpuBusy: 0.2 })], blind: [] } }))).toEqual([])
})

test('sessions that wait for a lock are no work', () => {
  const blocked = [1, 2, 3].map((pid) => ({
    pid,
    role: 'app',
    waitMs: 4000,
    blockerPid: 9,
    blockerRole: 'nightly',
    blockerState: 'idle in transaction',
    blockerXactMs: 5000,
    relation: 'public.users',
  }))
  const found = said(seed({}, { blocked }))
  expect(found).toEqual(['contention/lock confirmed', `${id} ruled-out`])
})

test('one slow way beside a quick one is the network', () => {
  const found = said(seed({ contracts: late.map((result) => ({ ...result, roundTripMs: 3000, directTripMs: 5 })) }))
  expect(found).not.toContain(`${id} confirmed`)
  expect(found).toContain(`${id} ruled-out`)
})

test('a pool that is larger than before may bring the work: it is not confirmed beside it', () => {
  expect(said(seed({ files: [settingsFile('app1', { DB_POOL_MAX: ['10', '200'] })] }))).not.toContain(`${id} confirmed`)
})
