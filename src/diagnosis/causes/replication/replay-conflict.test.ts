import { describe, expect, test } from 'vitest'
import {
  change,
  contracts,
  database,
  finding,
  lastGood,
  logEntry,
  logs,
  outcomes,
  snapshot,
  t0,
  transaction,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'replication/replay-conflict'
const findings = [finding('application/outcomes', { node: 'standby', subject: 'standby' })]
const facts = { contracts: contracts(), outcomes: outcomes({ standby: '40001' }) }
const conflicts = (snapshots: number) => [
  database('auth', {
    conflicts: { tablespace: 0, lock: 0, snapshot: snapshots, bufferPin: 0, deadlock: 0, logicalSlot: 0 },
  }),
]
const now: Cluster = { standby: { databases: conflicts(20), settings: { max_standby_streaming_delay: '0' } }, facts }
const earlier = snapshot({ atMs: t0 - 20_000, standby: { databases: conflicts(0) } })
const lowered = change('standby:max_standby_streaming_delay', { kind: 'setting', before: '30000', after: '0' })

test('queries are cancelled since the standby waits for none: confirmed, with the change', () => {
  const diagnosis = diagnosed({ snapshot: snapshot(now), earlier, findings, changes: [lowered] })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]).toMatchObject({ subject: 'standby:max_standby_streaming_delay', trigger: lowered.id })
})

test('the log says it before the counters do, and what was known good says what changed', () => {
  const line = logEntry('standby', { code: '40001', message: 'canceling statement due to conflict with recovery' })
  const given = {
    standby: { settings: { max_standby_streaming_delay: '0' } },
    facts: {
      ...facts,
      logs: logs([line]),
      lastGood: lastGood({ standby: { settings: { max_standby_streaming_delay: '30000' } } }),
    },
  }
  expect(named(diagnosed({ snapshot: snapshot(given), findings }))).toEqual([`${id} confirmed`])
})

test('no setting changed and no line of the log is new: probable', () => {
  expect(named(diagnosed({ snapshot: snapshot(now), earlier, findings }))).toEqual([`${id} probable`])
})

test('cancelled queries that nobody misses: possible', () => {
  const calm = { ...now, facts: { ...facts, outcomes: outcomes({}) } }
  expect(named(diagnosed({ snapshot: snapshot(calm), earlier, findings, changes: [lowered] }))).toEqual([
    `${id} possible`,
  ])
})

test.each([
  [
    'the same code comes from the primary alike',
    { ...now, facts: { ...facts, outcomes: outcomes({ primary: '40001', standby: '40001' }) } },
  ],
  [
    'the application fails in another way',
    { ...now, facts: { ...facts, outcomes: outcomes({ standby: 'APP_BAD_HASH' }) } },
  ],
])('possible where %s', (_, given) => {
  expect(named(diagnosed({ snapshot: snapshot(given), earlier, findings, changes: [lowered] }))).toEqual([
    `${id} possible`,
  ])
})

test('a transaction that could not be serialized is not cancelled by replay', () => {
  const line = logEntry('standby', { code: '40001', message: 'could not serialize access due to concurrent update' })
  expect(
    named(diagnosed({ snapshot: snapshot({ facts: { ...facts, logs: logs([line]) } }), findings })).join(),
  ).not.toContain(id)
})

test('a counter that went back with a restart has not grown', () => {
  const restarted = snapshot({
    atMs: t0 - 20_000,
    standby: {
      databases: conflicts(0),
      server: {
        versionNum: 180_004,
        database: 'auth',
        systemId: '1',
        startedMs: 1,
        confLoadedMs: 1,
        inRecovery: true,
        nowMs: t0,
      },
    },
  })
  expect(named(diagnosed({ snapshot: snapshot(now), earlier: restarted, findings })).join()).not.toContain(id)
})

describe('replay that waits for a session', () => {
  const wal = { writeLsn: null, receiveLsn: '0/3000000', replayLsn: '0/2000000', replayPaused: false, timeline: 1 }
  const holder = transaction(77, { application: 'report', xactMs: 20_000 })
  const held: Cluster = {
    standby: { wal, activity: { long: [holder], use: [] }, settings: { max_standby_streaming_delay: '-1' } },
    facts: { ...facts, outcomes: outcomes({ standby: 'APP_BAD_HASH' }) },
  }
  const past = snapshot({ atMs: t0 - 15_000, standby: { wal } })

  test('that came after all was good, while replay stands still: confirmed', () => {
    const diagnosis = diagnosed({ snapshot: snapshot(held), earlier: past, findings })
    expect(named(diagnosis)).toEqual([`${id} confirmed`])
    expect(diagnosis.causes[0]?.remedy.commands.join()).toContain('pg_terminate_backend(77)')
  })

  test('replay goes on, if slowly: probable', () => {
    const moving = snapshot({ atMs: t0 - 15_000, standby: { wal: { ...wal, replayLsn: '0/1000000' } } })
    expect(named(diagnosed({ snapshot: snapshot(held), earlier: moving, findings }))).toEqual([`${id} probable`])
  })

  test('a session that the setting would have ended long ago is not it', () => {
    const limited = {
      ...held,
      standby: {
        ...held.standby,
        settings: { max_standby_streaming_delay: '1000' },
        activity: { long: [transaction(77)], use: [] },
      },
    }
    const old = {
      ...limited,
      standby: { ...limited.standby, activity: { long: [transaction(77, { xactMs: 600_000 })], use: [] } },
    }
    expect(named(diagnosed({ snapshot: snapshot(old), earlier: past, findings })).join()).not.toContain(id)
  })

  test('nothing waits to be replayed', () => {
    const level = { ...held, standby: { ...held.standby, wal: { ...wal, replayLsn: '0/3000000' } } }
    expect(named(diagnosed({ snapshot: snapshot(level), earlier: past, findings })).join()).not.toContain(id)
  })
})
