import { expect, test } from 'vitest'
import {
  change,
  contracts,
  finding,
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

const id = 'replication/subscriber-disconnected'
const findings = [finding('application/outcomes')]
const line = (why: string, more = {}) =>
  logEntry('subscriber', {
    code: '08006',
    role: null,
    message: `apply worker for subscription "sub" could not connect to the publisher: connection to server at "127.0.0.1", ${why}`,
    ...more,
  })
const inactive = [slot('sub', { type: 'logical', active: false }), slot('standby')]
const cluster = (why: string, { primary, facts }: Cluster = {}): Cluster => ({
  primary: { settings: { port: '5432' }, replicationSlots: inactive, ...primary },
  subscriber: { subscriptionStates: [subscriptionState({ workerPid: null })] },
  facts: {
    contracts: contracts(),
    outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }),
    logs: logs([line(why)]),
    ...facts,
  },
})
const said = (given: Cluster, more: Parameters<typeof diagnosed>[0] = {}) =>
  diagnosed({ snapshot: snapshot(given), findings, ...more })
const elsewhere = 'port 1 failed: Connection refused'

test('its log says that it looks on another port than its publisher has: confirmed', () => {
  const diagnosis = said(cluster(elsewhere))
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('subscriber:subscription sub')
})

test('a login that its publisher refuses: confirmed with the role’s row', () => {
  const diagnosis = said(
    cluster('port 5432 failed: FATAL:  role "replicator" is not permitted to log in', {
      primary: { roles: [role('app'), role('replicator', { replication: true, canLogin: false })] },
    }),
    { changes: [change('primary:role replicator', { kind: 'role', before: 'login', after: 'nologin' })] },
  )
  expect(diagnosis.causes[0]).toMatchObject({ id, verdict: 'confirmed', trigger: 'change-primary:role replicator' })
})

test('a password that is wrong shows in no row: probable', () => {
  const given = cluster('port 5432 failed: FATAL:  password authentication failed for user "replicator"')
  expect(named(said(given))).toEqual([`${id} probable`])
})

test('the same lines from before all was good: probable', () => {
  const old = line(elsewhere, { firstMs: t0 - 300_000 })
  expect(named(said(cluster(elsewhere, { facts: { logs: logs([old]) } })))).toEqual([`${id} probable`])
})

test('nothing hurts: possible', () => {
  expect(named(said(cluster(elsewhere, { facts: { outcomes: outcomes({}) } })))).toEqual([`${id} possible`])
})

test('its publisher does not answer: possible, and it waits for that one', () => {
  const given = cluster(elsewhere, { facts: { outcomes: outcomes({}), logs: logs([]) } })
  const diagnosis = said(given, { unansweredMs: { primary: 20_000, standby: 10, subscriber: 10 } })
  expect(diagnosis.causes.find((cause) => cause.id === id)).toMatchObject({ verdict: 'possible' })
})

test.each([
  ['its slot is in use', { replicationSlots: [slot('sub', { type: 'logical' }), slot('standby')] }],
  ['its slot is not there', { replicationSlots: [slot('standby')] }],
  [
    'its slot is lost',
    { replicationSlots: [slot('sub', { type: 'logical', active: false, walStatus: 'lost' }), slot('standby')] },
  ],
])('not named where %s', (_, primary) => {
  expect(named(said(cluster(elsewhere, { primary }))).join()).not.toContain(id)
})

test('a worker that connects and then fails is another cause', () => {
  const conflict = logEntry('subscriber', {
    code: '23505',
    role: null,
    message: 'conflict detected on relation "public.users": conflict=insert_exists',
    context:
      'processing remote data for replication origin "pg_16439" during message type "INSERT" for replication target relation "public.users"',
  })
  expect(named(said(cluster('', { facts: { logs: logs([conflict]) } })))).toEqual([
    'replication/apply-conflict confirmed',
  ])
})
