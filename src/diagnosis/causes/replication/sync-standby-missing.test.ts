import { describe, expect, test } from 'vitest'
import {
  change,
  contract,
  finding,
  host,
  lastGood,
  logs,
  outcomes,
  sender,
  snapshot,
  t0,
  transaction,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import { refused } from '../../../../test/gone.ts'
import type { Case } from '../../../core/diagnosis.ts'

const id = 'replication/sync-standby-missing'
const setting = 'synchronous_standby_names'
const waits = (pid: number) => transaction(pid, { waitEventType: 'IPC', waitEvent: 'SyncRep' })
const primary: Cluster['primary'] = {
  settings: { [setting]: 'dr' },
  activity: { long: [waits(11), waits(12)], use: [] },
}
const findings = [finding(id, { node: 'primary', subject: 'primary' })]
const added = change(`primary:${setting}`, { kind: 'setting', before: '', after: 'dr' })
const judge = (more: Cluster = {}, extra: Partial<Case> = {}) =>
  diagnosed({ snapshot: snapshot({ ...more, primary: { ...primary, ...more.primary } }), findings, ...extra })

test('a name that nobody bears, and commits that wait in SyncRep: confirmed, with the change', () => {
  const diagnosis = judge({}, { changes: [added] })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]).toMatchObject({ subject: `primary:${setting}`, trigger: added.id })
  expect(diagnosis.causes[0]?.evidence.map(({ words }) => words).join()).toContain(
    '2 commits wait in SyncRep on primary',
  )
  expect(diagnosis.unexplained).toEqual([])
})

test('a standby that was synchronous a moment ago is news as well', () => {
  const earlier = snapshot({
    atMs: t0 - 20_000,
    primary: { ...primary, senders: [sender('dr', { syncState: 'sync' })] },
  })
  expect(named(judge({ primary: { senders: [] } }, { earlier }))[0]).toBe(`${id} confirmed`)
})

test('what failed to log in because of it hangs in the application, too', () => {
  const facts = { outcomes: outcomes({ primary: 'CLIENT_TIMEOUT' }) }
  const late = [...findings, finding('application/outcomes', { node: 'primary', subject: 'primary' })]
  expect(judge({ facts }, { changes: [added], findings: late }).unexplained).toEqual([])
})

describe('what it cannot do without', () => {
  test('(a) too few: with one that is synchronous commits do not wait for it', () => {
    expect(named(judge({ primary: { senders: [sender('dr', { syncState: 'sync' })] } }, { changes: [added] }))).toEqual(
      [],
    )
    expect(named(judge({ primary: { settings: { [setting]: '' } } }, { changes: [added] }))).toEqual([])
  })

  test('(b) news: else it is probable', () => {
    expect(named(judge())).toEqual([`${id} probable`])
    const same = lastGood({ primary: { settings: { [setting]: 'dr' } } })
    expect(named(judge({ facts: { lastGood: same } }))).toEqual([`${id} probable`])
  })

  test('(c) a commit that waits: else it is possible', () => {
    const idle = { activity: { long: [transaction(11)], use: [] } }
    expect(named(judge({ primary: idle }, { changes: [added], findings: [] }))).toEqual([`${id} possible`])
  })
})

test('whoever waits for a lock of a commit that waits follows from it', () => {
  const blocked = [
    {
      pid: 21,
      role: 'app',
      waitMs: 12_000,
      blockerPid: 11,
      blockerRole: 'app',
      blockerState: 'active',
      blockerXactMs: 20_000,
      relation: 'public.users',
    },
  ]
  const facts = { outcomes: outcomes({ primary: 'CLIENT_TIMEOUT' }) }
  const { causes } = judge({ primary: { blocked }, facts }, { changes: [added] })
  expect(causes.map(({ id: each, follows }) => [each, follows])).toContainEqual(['contention/lock', id])
  // And is no lock that somebody holds where the waiting is old.
  expect(named(judge({ primary: { blocked }, facts }))).not.toContain('contention/lock confirmed')
})

test('sessions that wait use up the slots: that no more come in follows from it', () => {
  const facts = {
    contracts: [contract('primary', { ok: false, layer: 'capacity', code: '53300', failures: 3 })],
    outcomes: outcomes({ primary: '53300' }),
  }
  const full = { sessions: { total: 100, active: 95, waitingForLock: 0, maxConnections: 100, reserved: 3 } }
  const diagnosis = judge(
    { primary: full, facts },
    {
      changes: [added],
      findings: [
        ...findings,
        ...['application/outcomes', 'connections/contract', 'connections/saturation'].map((check) =>
          finding(check, { node: 'primary', subject: 'primary' }),
        ),
      ],
    },
  )
  expect(diagnosis.causes.map((each) => [each.id, each.verdict, each.follows])).toEqual([
    [id, 'confirmed', undefined],
    ['connection/exhausted', 'possible', id],
  ])
  expect(diagnosis.unexplained).toEqual([])
})

test('where the standby itself is dead, that is the root, and it explains the commits that wait', () => {
  const diagnosis = judge(
    {
      primary: { senders: [], settings: { [setting]: 'standby' } },
      facts: {
        paths: [{ ...refused, node: 'standby' }],
        hosts: { hosts: [host('standby', { postmaster: 'absent', pid: null, port: null })], blind: [] },
        logs: logs([]),
        outcomes: outcomes({ standby: 'ECONNREFUSED' }),
      },
    },
    {
      unansweredMs: { primary: 10, standby: 9_000, subscriber: 10 },
      findings: [...findings, finding('connections/reachable', { node: 'standby', subject: 'here→standby' })],
      changes: [added],
    },
  )
  expect(diagnosis.causes[0]).toMatchObject({ id: 'server/crash', subject: 'standby', verdict: 'confirmed' })
  expect(diagnosis.causes.find((each) => each.id === id)).toMatchObject({
    follows: 'server/crash',
    verdict: 'possible',
  })
  expect(diagnosis.unexplained).toEqual([])
})
