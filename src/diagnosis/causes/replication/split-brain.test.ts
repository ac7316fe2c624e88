import { expect, test } from 'vitest'
import {
  canary,
  change,
  contracts,
  node,
  outcomes,
  snapshot,
  t0,
  table,
  touched,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'
import type { ServerFact } from '../../../core/facts/postgres/server.ts'
import type { Snapshot } from '../../../core/snapshot.ts'

const id = 'replication/split-brain'
const server = (more: Partial<ServerFact> = {}): ServerFact => ({
  versionNum: 180_004,
  database: 'auth',
  systemId: '1',
  startedMs: t0 - 50_000,
  confLoadedMs: t0,
  inRecovery: false,
  nowMs: t0,
  ...more,
})
const use = [
  { role: 'app', database: 'auth', application: 'login', total: 3, active: 0, idle: 3, idleInTransaction: 0 },
]
const wal = (writeLsn: string, timeline = 1) => ({
  writeLsn,
  receiveLsn: null,
  replayLsn: null,
  replayPaused: false,
  timeline,
})

/** The standby as a second primary. */
const two = (facts: Cluster['facts'] = {}, more: Partial<ServerFact> = {}, users = use): Snapshot => {
  const one = snapshot({
    primary: { wal: wal('0/3010000'), activity: { long: [], use } },
    facts: { contracts: contracts(), ...facts },
  })
  const other = node('standby', 'primary', {
    server: server(more),
    wal: wal('0/3010000', 2),
    tables: [table('users')],
    activity: { long: [], use: users },
  })
  return { ...one, nodes: one.nodes.map((each) => (each.name === 'standby' ? other : each)) }
}
const earlier = snapshot({ atMs: t0 - 20_000 })
const promoted = change('standby', { kind: 'topology', before: 'in recovery', after: 'promoted: not in recovery' })

test('a standby that was promoted while its primary goes on, both written: confirmed', () => {
  const diagnosis = diagnosed({ snapshot: two(), earlier, changes: [promoted] })
  expect(diagnosis.causes[0]).toMatchObject({ id, subject: 'standby', verdict: 'confirmed', trigger: promoted.id })
})

test('it was a standby a moment ago: that is news enough', () => {
  expect(named(diagnosed({ snapshot: two(), earlier }))[0]).toBe(`${id} confirmed`)
})

test('so it was when all was good: probable', () => {
  expect(
    named(
      diagnosed({
        snapshot: two(),
        earlier: {
          ...two(),
          atMs: t0 - 20_000,
          nodes: two().nodes.map((each) => ({
            ...each,
            facts: { ...each.facts, wal: { seen: true as const, atMs: t0, value: wal('0/3000000') } },
          })),
        },
      }),
    )[0],
  ).toBe(`${id} probable`)
})

test('nobody works on the second one: possible', () => {
  expect(named(diagnosed({ snapshot: two({}, {}, []), earlier, changes: [promoted] }))).toEqual([`${id} possible`])
})

test('rows that differ between them are harm as well', () => {
  const facts = { touched: [touched('users', { node: 'standby' })], canaries: [canary(['a', 'b', 'a'])] }
  expect(named(diagnosed({ snapshot: two(facts, {}, []), earlier, changes: [promoted] }))[0]).toBe(`${id} confirmed`)
})

test.each([
  ['another system', two({}, { systemId: '7' })],
  ['a node in recovery', two({}, { inRecovery: true })],
])('%s is no second primary', (_, given) => {
  expect(named(diagnosed({ snapshot: given, earlier, changes: [promoted] })).join()).not.toContain(id)
})

test('a subscriber that was made of a base backup has the same identity, and is meant to be written', () => {
  const given = snapshot({
    subscriber: { server: server() },
    facts: { contracts: contracts(), outcomes: outcomes({}) },
  })
  expect(named(diagnosed({ snapshot: given, earlier }))).toEqual([])
})

test('one server under two names is one', () => {
  const startedMs = t0 - 86_400_000
  expect(named(diagnosed({ snapshot: two({}, { startedMs }), earlier })).join()).not.toContain(id)
})

test('a primary that does not answer is not known to be written', () => {
  const diagnosis = diagnosed({
    snapshot: two(),
    earlier,
    changes: [promoted],
    unansweredMs: { primary: 30_000, standby: 10, subscriber: 10 },
  })
  expect(named(diagnosis).join()).not.toContain(id)
})
