import { expect, test } from 'vitest'
import {
  change,
  contract,
  contracts,
  finding,
  outcomes,
  snapshot,
  t0,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import type { BlockedFact } from '../../../core/facts/postgres/sessions.ts'

const id = 'contention/lock'
const waiter = (pid: number, more: Partial<BlockedFact> = {}): BlockedFact => ({
  pid,
  role: 'app',
  waitMs: 4000,
  blockerPid: 9,
  blockerRole: 'nightly',
  blockerState: 'idle in transaction',
  blockerXactMs: 5000,
  relation: 'public.users',
  ...more,
})
const blocked = [waiter(1), waiter(2), waiter(3)]
const findings = ['primary', 'standby'].map((node) => finding('application/outcomes', { node, subject: node }))
const late = contract('primary', { ok: false, layer: 'latency', code: 'CLIENT_DEADLINE', ms: 5000, failures: 3 })
const seed = (rows: readonly BlockedFact[] = blocked, facts: Cluster['facts'] = {}) =>
  snapshot({
    primary: { blocked: rows },
    facts: {
      contracts: [late, ...contracts().slice(1)],
      outcomes: outcomes({ primary: 'CLIENT_TIMEOUT', standby: '57014' }),
      ...facts,
    },
  })
const said = (snap: ReturnType<typeof snapshot>, more = {}) => named(diagnosed({ snapshot: snap, findings, ...more }))

test('an idle transaction holds what logins wait for: confirmed, though something was deployed just before', () => {
  const deployed = change('login', { kind: 'deployment', source: 'webhook' })
  const diagnosis = diagnosed({ snapshot: seed(), findings, changes: [deployed] })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]).toMatchObject({ subject: 'primary:public.users', explains: ['application/outcomes'] })
  expect(diagnosis.causes[0]?.evidence[0]?.words).toContain('pid 9 (nightly), idle in transaction')
  // The standby waits for the same lock.
  expect(diagnosis.unexplained).toEqual([])
})

test('those who wait behind a waiter wait for its holder', () => {
  const chain = [waiter(1), waiter(2, { blockerPid: 1, blockerRole: 'migrator', blockerState: 'active' })]
  const { causes } = diagnosed({ snapshot: seed(chain), findings })
  expect(causes.filter((cause) => cause.id === id)).toHaveLength(1)
  expect(causes[0]?.evidence[0]?.values).toMatchObject({ blocker_pid: 9, waiters: 2 })
})

test('a prepared transaction holds locks without a session', () => {
  const held = [waiter(1, { blockerPid: 0, blockerRole: null, blockerState: null, blockerXactMs: null })]
  expect(diagnosed({ snapshot: seed(held), findings }).causes[0]?.remedy.commands[0]).toContain('pg_prepared_xacts')
})

test('(a) nobody waits: another cause', () => {
  expect(said(seed([]))).not.toContain(`${id} confirmed`)
})

test('(b) a queue that is older than what is known good, or nothing known good: probable', () => {
  expect(said(seed(blocked.map((each) => ({ ...each, waitMs: 90_000, blockerXactMs: 95_000 }))))).toEqual([
    `${id} probable`,
  ])
  expect(said(seed(), { lastGoodMs: null })).toEqual([`${id} probable`])
})

test('(c) nobody is hurt, or not by waiting, or it is not the application that waits: possible', () => {
  const calm = { contracts: contracts(), outcomes: outcomes({}) }
  expect(said(seed(blocked, calm), { findings: [] })).toEqual([`${id} possible`])
  expect(said(seed(blocked, { ...calm, outcomes: outcomes({ primary: 'APP_BAD_HASH' }) }))).toContain(`${id} possible`)
  expect(said(seed(blocked.map((each) => ({ ...each, role: 'report' }))))).toContain(`${id} possible`)
})

test('what failed before the lock was taken is not its doing', () => {
  const before = findings.map((each) => ({ ...each, sinceMs: t0 - 20_000 }))
  expect(said(seed(), { findings: before })).toContain(`${id} possible`)
})
