import { describe, expect, test } from 'vitest'
import {
  change,
  contract,
  contracts,
  finding,
  host,
  lastGood,
  logEntry,
  logs,
  outcomes,
  role,
  slot,
  snapshot,
  subscriptionState,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'replication/standby-disconnected'
const stale = { contracts: contracts(), outcomes: outcomes({ standby: 'APP_BAD_HASH' }) }
const findings = [finding('application/outcomes', { node: 'standby', subject: 'standby' })]
const conninfo = (port: number) => `user=replicator host=127.0.0.1 port=${port}`
const cut = (why: string) =>
  logEntry('standby', {
    severity: 'FATAL',
    code: '08006',
    role: null,
    message: `streaming replication receiver "standby" could not connect to the primary server: connection to server at "127.0.0.1", ${why}`,
  })
const cluster = ({ primary, standby, facts }: Cluster = {}): Cluster => ({
  primary: { settings: { port: '5432' }, senders: [], ...primary },
  standby: { receiver: [], settings: { primary_conninfo: conninfo(5432) }, ...standby },
  facts: { ...stale, ...facts },
})
const said = (given: Cluster, more: Parameters<typeof diagnosed>[0] = {}) =>
  diagnosed({ snapshot: snapshot(given), findings, ...more })
const changed = change('standby:primary_conninfo', { kind: 'setting', before: conninfo(5432), after: conninfo(24_099) })
const elsewhere = { settings: { primary_conninfo: conninfo(24_099) }, receiver: [] }

test('its conninfo names another port than its source has, since all was good: confirmed', () => {
  const diagnosis = said(cluster({ standby: elsewhere }), { changes: [changed] })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]).toMatchObject({ subject: 'standby', trigger: changed.id })
})

test('so it did when all was good: probable', () => {
  expect(named(said(cluster({ standby: elsewhere })))).toEqual([`${id} probable`])
})

test('nothing hurts: possible', () => {
  expect(
    named(said(cluster({ standby: elsewhere, facts: { outcomes: outcomes({}) } }), { changes: [changed] })),
  ).toEqual([`${id} possible`])
})

test('a change of its conninfo that keeps it where it was is no evidence', () => {
  const renamed = { ...changed, after: `${conninfo(5432)} application_name=two` }
  expect(named(said(cluster(), { changes: [renamed] }))).toEqual([`${id} probable`])
})

describe('a replication login that its source refuses', () => {
  const nologin = {
    roles: [role('app'), role('replicator', { replication: true, canLogin: false })],
    settings: { port: '5432' },
  }
  const refused = cut('port 5432 failed: FATAL:  role "replicator" is not permitted to log in')

  test('by the role: confirmed, and no cause of the application’s logins', () => {
    const diagnosis = said(cluster({ primary: nologin, facts: { logs: logs([refused]) } }), {
      changes: [change('primary:role replicator', { kind: 'role', before: 'login', after: 'nologin' })],
    })
    expect(diagnosis.causes[0]).toMatchObject({ id, subject: 'standby', verdict: 'confirmed' })
    expect(named(diagnosis).filter((name) => name.endsWith('confirmed'))).toHaveLength(1)
  })

  test('by the access rules: confirmed', () => {
    const line = cut(
      'port 5432 failed: FATAL:  no pg_hba.conf entry for replication connection from host "127.0.0.1", user "replicator"',
    )
    const diagnosis = said(
      cluster({
        primary: { accessRules: { rules: [], digest: 'now' }, settings: { port: '5432' } },
        facts: { logs: logs([line]), lastGood: lastGood({ primary: { accessRulesDigest: 'rules' } }) },
      }),
    )
    expect(diagnosis.causes[0]).toMatchObject({ id, verdict: 'confirmed' })
  })

  test('access rules that changed, and a log that speaks of the role: the role it is', () => {
    const diagnosis = said(
      cluster({
        primary: { ...nologin, accessRules: { rules: [], digest: 'now' } },
        facts: { logs: logs([refused]), lastGood: lastGood({ primary: { accessRulesDigest: 'rules' } }) },
      }),
      { changes: [change('primary:role replicator', { kind: 'role', before: 'login', after: 'nologin' })] },
    )
    expect(diagnosis.causes[0]?.evidence.map(({ words }) => words).join()).toContain('may not log in')
  })

  test('both changed, and no log: neither is confirmed', () => {
    const diagnosis = said(
      cluster({
        primary: { ...nologin, accessRules: { rules: [], digest: 'now' } },
        facts: { lastGood: lastGood({ primary: { accessRulesDigest: 'rules' } }) },
      }),
      { changes: [change('primary:role replicator', { kind: 'role', before: 'login', after: 'nologin' })] },
    )
    expect(diagnosis.causes.find((cause) => cause.id === id)?.verdict).toBe('probable')
  })
})

test('its source does not answer: possible, and it waits for that one', () => {
  const diagnosis = said(cluster({ facts: { outcomes: outcomes({}) } }), {
    unansweredMs: { primary: 20_000, standby: 10, subscriber: 10 },
  })
  expect(diagnosis.causes.find((cause) => cause.id === id)).toMatchObject({ verdict: 'possible' })
})

test('the source does not start: both links follow from that', () => {
  const refused = logEntry('primary', {
    severity: 'FATAL',
    code: '58P01',
    message: 'could not access file "pg_cron": No such file or directory',
    role: null,
    database: null,
    application: null,
  })
  const { causes } = diagnosed({
    snapshot: snapshot({
      standby: { receiver: [] },
      subscriber: { subscriptionStates: [subscriptionState({ workerPid: null })] },
      facts: {
        contracts: [contract('primary', { ok: false, layer: 'tcp', code: 'ECONNREFUSED' })],
        outcomes: outcomes({ primary: 'ECONNREFUSED' }),
        logs: logs([refused]),
        hosts: { hosts: [host('primary', { postmaster: 'absent', pid: null, port: null })], blind: [] },
        lastGood: lastGood({ primary: { settings: { shared_preload_libraries: '' } } }),
        paths: [
          { from: 'here', node: 'primary', atMs: t0, ok: false, reached: false, ms: 1, detail: 'connect ECONNREFUSED' },
        ],
      },
    }),
    findings: [finding('connections/reachable', { node: 'primary', subject: 'primary' })],
    changes: [
      change('primary:shared_preload_libraries', { kind: 'setting', before: '', after: 'pg_cron', source: 'file' }),
    ],
    unansweredMs: { primary: 5_000, standby: 10, subscriber: 10 },
  })
  expect(causes[0]).toMatchObject({ id: 'server/config-prevents-start', verdict: 'confirmed' })
  const followers = causes.filter(({ follows }) => follows === 'server/config-prevents-start')
  expect(followers.map((cause) => `${cause.id} ${cause.verdict}`)).toEqual([
    'replication/standby-disconnected possible',
    'replication/subscriber-disconnected possible',
  ])
})

test.each([
  ['it streams', { standby: {} }],
  ['its source streams to it still', { standby: { receiver: [], settings: {} } }],
])('not named where %s', (_, given) => {
  expect(named(said({ ...given, facts: stale })).join()).not.toContain(id)
})

test('a subscriber that waits for the standby’s slot is stale with it', () => {
  const diagnosis = said(
    cluster({
      primary: {
        settings: { port: '5432', synchronized_standby_slots: 'standby' },
        replicationSlots: [slot('standby', { active: false }), slot('sub', { type: 'logical' })],
      },
      standby: { ...elsewhere, settings: { primary_conninfo: conninfo(24_099), primary_slot_name: 'standby' } },
      facts: { outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }) },
    }),
    { changes: [changed], findings: [finding('application/outcomes')] },
  )
  expect(diagnosis.causes[0]).toMatchObject({ id, verdict: 'confirmed', explains: ['application/outcomes'] })
})

test('an old silence of the log says nothing', () => {
  const old = { ...cut('port 24099 failed: Connection refused'), firstMs: t0 - 500_000, lastMs: t0 - 400_000 }
  expect(named(said(cluster({ facts: { logs: logs([old]) } })))).toEqual([`${id} probable`])
})
