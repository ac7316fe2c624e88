import { expect, test } from 'vitest'
import { contracts, finding, host, outcomes, slot, snapshot, t0, type Cluster } from '../../../../test/builders.ts'
import { diagnosed } from '../../../../test/diagnosing.ts'

const id = 'capacity/slot-retains-wal'
const findings = [finding('application/outcomes', { node: 'primary', subject: 'primary' })]
const old = slot('old', { active: false, inactiveSinceMs: t0 - 9_000 })
const hosts = (totalBytes: number) => ({
  hosts: [host('primary', { disks: [{ what: 'wal' as const, path: '/wal', totalBytes, freeBytes: 0 }] })],
  blind: [],
})
/** It keeps 40 GiB. */
const wal = { writeLsn: 'A/3000000', receiveLsn: null, replayLsn: null, replayPaused: false, timeline: 1 }
const said = (
  more: Partial<typeof old> = {},
  facts: Cluster['facts'] = {},
  earlier: ReturnType<typeof snapshot> | null = null,
) =>
  diagnosed({
    snapshot: snapshot({
      primary: { wal, replicationSlots: [{ ...old, ...more }, slot('sub', { type: 'logical' })] },
      facts: { contracts: contracts(), outcomes: outcomes({ primary: '53100' }), hosts: hosts(1e11), ...facts },
    }),
    findings,
    earlier,
  })
const verdictOf = (diagnosis: ReturnType<typeof said>) => diagnosis.causes.find((cause) => cause.id === id)?.verdict

test('a slot that nobody reads keeps most of a full disk since after all was good: confirmed', () => {
  const diagnosis = said()
  expect(diagnosis.causes[0]).toMatchObject({ id, subject: 'primary:slot old', verdict: 'confirmed' })
})

test('it was in use a moment ago, where the server does not say since when', () => {
  const earlier = snapshot({ atMs: t0 - 20_000, primary: { replicationSlots: [slot('old')] } })
  expect(verdictOf(said({ inactiveSinceMs: null }, {}, earlier))).toBe('confirmed')
})

test('inactive since long: probable', () => {
  expect(verdictOf(said({ inactiveSinceMs: t0 - 900_000 }))).toBe('probable')
})

test('writes do not fail: possible', () => {
  const diagnosis = said({}, { outcomes: outcomes({}) })
  expect(verdictOf(diagnosis)).toBe('possible')
})

test('the size of the disk is not known: probable, and what to look at', () => {
  const plain = snapshot({
    primary: { wal, replicationSlots: [old, slot('sub', { type: 'logical' })] },
    facts: { contracts: contracts(), outcomes: outcomes({ primary: '53100' }) },
  })
  const found = diagnosed({ snapshot: plain, findings }).causes.find((cause) => cause.id === id)
  expect(found).toMatchObject({ verdict: 'probable' })
  expect(found?.missing).toContain('size of the disk')
})

test.each([
  ['is in use', { active: true }, {}],
  ['keeps little', { restartLsn: 'A/2000000' }, {}],
  ['keeps little of a large disk', {}, { hosts: hosts(1e13) }],
  ['was never used', { restartLsn: null }, {}],
])('not named where the slot %s', (_, more, facts) => {
  expect(verdictOf(said(more, facts))).toBeUndefined()
})
