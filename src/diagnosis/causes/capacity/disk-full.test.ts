import { expect, test } from 'vitest'
import {
  contract,
  contracts,
  finding,
  host,
  logEntry,
  logs,
  outcomes,
  slot,
  snapshot,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'capacity/disk-full'
const findings = [finding('application/outcomes', { node: 'primary', subject: 'primary' })]
const line = (more = {}) =>
  logEntry('primary', {
    code: '53100',
    message: 'could not extend file "base/16388/16401": No space left on device',
    ...more,
  })
const disk = (freeBytes: number) => ({
  hosts: [host('primary', { disks: [{ what: 'data' as const, path: '/pg', totalBytes: 1e11, freeBytes }] })],
  blind: [],
})
const failing = { contracts: contracts(), outcomes: outcomes({ primary: '53100' }) }
const said = (facts: Cluster['facts'] = {}, more: Parameters<typeof diagnosed>[0] = {}) =>
  diagnosed({ snapshot: snapshot({ facts: { ...failing, ...facts } }), findings, ...more })

test('the server says that there is no space, and writes fail: confirmed', () => {
  const diagnosis = said({ logs: logs([line()]) })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('primary')
})

test('its host says so, and a moment ago there was room', () => {
  const earlier = snapshot({ atMs: t0 - 20_000, facts: { hosts: disk(5e10) } })
  expect(named(said({ hosts: disk(0) }, { earlier }))).toEqual([`${id} confirmed`])
})

test('only the application says so: probable, and what to look at', () => {
  const diagnosis = said()
  expect(named(diagnosis)).toEqual([`${id} probable`])
  expect(diagnosis.causes[0]?.missing).toContain('disks of primary')
})

test('full since before all was good: probable', () => {
  expect(named(said({ logs: logs([line({ firstMs: t0 - 300_000 })]) }))).toEqual([`${id} probable`])
})

test('nobody is hurt: possible', () => {
  expect(named(said({ outcomes: outcomes({}), logs: logs([line({ count: 1 })]) }))).toEqual([`${id} possible`])
})

test('a server that panics for it takes its connections along', () => {
  const panic = line({
    severity: 'PANIC',
    message: 'could not write to file "pg_wal/xlogtemp.1": No space left on device',
    role: null,
  })
  const gone = {
    contracts: [contract('primary', { ok: false, layer: 'tcp', code: 'ECONNREFUSED' })],
    outcomes: outcomes({ primary: 'ECONNREFUSED' }),
  }
  const diagnosis = said({ ...gone, logs: logs([panic]) })
  expect(diagnosis.causes.find((cause) => cause.id === id)?.verdict).toBe('confirmed')
})

test('a disk with room, and another failure: not named', () => {
  expect(named(said({ outcomes: outcomes({ primary: '53400' }), hosts: disk(5e10) }))).toEqual([])
})

test('a slot that keeps the WAL is the root of it', () => {
  const inactive = slot('old', { active: false, restartLsn: '0/3000000', inactiveSinceMs: t0 - 9_000 })
  const primary = {
    wal: { writeLsn: 'A/3000000', receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 1 },
    replicationSlots: [inactive, slot('sub', { type: 'logical' as const })],
  }
  const facts = { ...failing, logs: logs([line()]), hosts: disk(0) }
  const { causes } = diagnosed({ snapshot: snapshot({ primary, facts }), findings })
  expect(causes.map((cause) => [cause.id, cause.verdict, cause.follows])).toEqual([
    ['capacity/slot-retains-wal', 'confirmed', undefined],
    [id, 'possible', 'capacity/slot-retains-wal'],
  ])
})
