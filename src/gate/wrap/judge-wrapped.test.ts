import { expect, test } from 'vitest'
import { publication, subscription, subscriptionState, table, touched } from '../../../test/builders.ts'
import type { ServerFact } from '../../core/facts/postgres/server.ts'
import { unseen, type Observation } from '../../core/observation.ts'
import { readAllowed } from '../allow.ts'
import type { Arrival, Beat } from '../beat/beat.ts'
import { applyResultsOf } from './as-rehearsal.ts'
import { judgeWrapped } from './judge-wrapped.ts'
import { contractSeen, moment, rowsOf, wrapped } from './testing/wrapped.ts'
import type { Wrapped } from './wrapped.ts'

const judged = (more: Parameters<typeof wrapped>[0] = {}) => judgeWrapped(wrapped(more), 'error')
const short = (more: Parameters<typeof wrapped>[0]) =>
  judged(more).findings.map(({ rule, consequence, object, severity }) => [rule, consequence, object, severity])

test('a command that changes nothing passes', () => {
  expect(judged()).toEqual({ verdict: 'pass', findings: [] })
})

test('a new table that no publication carries is told with node, object and consequence', () => {
  const at = (names: readonly string[]) => {
    const tables = names.map((name) => table(name))
    return moment({
      primary: { tables, publications: [publication(['users'])] },
      subscriber: { tables, subscriptions: [subscription(['users'])] },
    })
  }
  const [was, is] = [at(['users']), at(['users', 'credentials'])]
  const { verdict, findings } = judged({ was, is, serving: new Set(['subscriber']) })
  expect(verdict).toBe('block')
  expect(findings).toMatchObject([
    {
      rule: 'replication/table-not-carried',
      consequence: 'replication/publication-incomplete',
      object: 'primary:publication pub:public.credentials',
      nodes: ['subscriber'],
      remedy: expect.stringContaining('alter publication'),
    },
  ])
})

test('a table that only the primary has got is told with the orders for both sides', () => {
  const at = (names: readonly string[]) => moment({ primary: { tables: names.map((name) => table(name)) } })
  const [finding] = judged({
    was: at(['users']),
    is: at(['users', 'credentials']),
    serving: new Set(['subscriber']),
  }).findings
  expect(finding).toMatchObject({
    rule: 'replication/table-not-carried',
    remedy:
      'In this order: make public.credentials on subscriber; on primary: alter publication pub add table public.credentials; then on subscriber: alter subscription sub refresh publication;',
  })
})

test('unsafe settings are what check says of them, and an undeclared setting is not told twice', () => {
  const at = (fsync: string) => moment({ primary: { settings: { fsync } } })
  expect(short({ was: at('on'), is: at('off') })).toEqual([
    ['configuration/dangerous-durability', 'integrity/table-corruption', 'primary:fsync', 'error'],
  ])
})

test('an undeclared setting, role or publication warns; a declared one does not; a table of a migration is only listed', () => {
  const at = (workMem: string, names: readonly string[]) =>
    moment({ primary: { settings: { work_mem: workMem }, tables: names.map((name) => table(name)) } })
  const [was, is] = [at('4096', ['users']), at('8192', ['users', 'posts'])]
  expect(short({ was, is })).toEqual([['change/undeclared', 'connection/role-settings', 'primary:work_mem', 'warning']])
  expect(judged({ was, is, allow: readAllowed(['settings:work_mem']) }).verdict).toBe('pass')
  expect(short({ was, is, allow: readAllowed(['settings', 'schema:public.users']) })).toEqual([
    ['change/undeclared', 'replication/schema-drift', 'primary:public.posts', 'warning'],
  ])
})

test('a contract that fails since the command is told with file and key', () => {
  const failing = { ok: false, layer: 'tcp', code: 'ECONNREFUSED', message: 'db1:6543: connection refused' } as const
  const [was, is] = [
    moment({}, { contracts: [contractSeen('primary'), contractSeen('subscriber', failing)] }),
    moment({}, { contracts: [contractSeen('primary', failing), contractSeen('subscriber', failing)] }),
  ]
  const files: Wrapped['files'] = [{ file: '/srv/app/.env', isAllowed: false, isGone: false, keys: ['DB_PORT'] }]
  expect(judged({ was, is, files }).findings).toMatchObject([
    {
      rule: 'connection/contract-fails',
      consequence: 'connection/settings-changed',
      object: '/srv/app/.env#DB_PORT',
      nodes: ['primary'],
      severity: 'critical',
    },
  ])
  expect(short({ was, is })).toEqual([
    ['connection/contract-fails', 'server/stopped', 'contract login:app→primary', 'critical'],
  ])
})

test('a subscription that can no longer log in is told; one that still can is only a change', () => {
  const kept = (sha256: string) => ({ node: 'subscriber', subscription: 'sub', sha256, kept: '/kept' })
  const rewritten = (refused: string | null) => ({
    connections: [{ before: kept('a'), after: kept('b'), refused }],
  })
  expect(judged(rewritten(null)).findings).toEqual([])
  expect(judged(rewritten('password authentication failed'))).toMatchObject({
    verdict: 'block',
    findings: [{ rule: 'replication/connection-rewritten', object: 'subscriber:subscription sub' }],
  })
})

test('a canary with fewer rows is critical, one with other values a warning', () => {
  const was = moment({}, { contracts: [contractSeen('primary')] })
  const fewer = { ...contractSeen('primary'), answer: { rows: 1, digest: 'b' } }
  expect(judged({ was, is: moment({}, { contracts: [fewer] }) }).verdict).toBe('block')
  expect(judged({ was, is: moment({}, { contracts: [contractSeen('primary', {}, 'b')] }) }).verdict).toBe('warn')
})

test('rows written on the subscriber alone are told with who may write there', () => {
  const writers = new Map([['subscriber', [{ schema: 'public', table: 'users', roles: ['app', 'job'] }]]])
  const was = moment(
    { facts: { touched: [touched('users', { verdict: 'equal' })] } },
    { contents: [rowsOf('primary', 'users', 10), rowsOf('subscriber', 'users', 10)] },
  )
  const is = moment(
    { facts: { touched: [touched('users')] } },
    { contents: [rowsOf('primary', 'users', 10), rowsOf('subscriber', 'users', 11)], writers },
  )
  const { findings } = judged({ was, is })
  expect(findings).toMatchObject([
    {
      rule: 'replication/subscriber-written',
      consequence: 'replication/apply-conflict',
      object: 'subscriber:public.users',
      nodes: ['subscriber'],
      remedy: expect.stringContaining('revoke insert, update, delete, truncate on public.users from app, job;'),
    },
  ])
  expect(judged({ was: is, is }).verdict).toBe('pass')
})

test('a subscription whose errors grow over two looks blocks; one error of a restart does not', () => {
  const at = (applyErrors: number) =>
    moment({ subscriber: { subscriptionStates: [subscriptionState({ applyErrors })] } })
  const [was, is, again] = [at(0), at(1), at(3)]
  const applies = (...looks: readonly ReturnType<typeof at>[]) =>
    applyResultsOf(
      was.snapshot,
      looks.map(({ snapshot }) => snapshot),
    )
  expect(short({ was, is, again, applies: applies(is, again) })).toContainEqual([
    'replication/apply-stops',
    'replication/apply-conflict',
    'subscriber:subscription sub',
    'error',
  ])
  expect(judged({ was, is, again: is, applies: applies(is, is) }).verdict).not.toBe('block')
})

test('a subscription that failed before the command already is told, and is not its fault', () => {
  const at = (applyErrors: number) => {
    const states = [subscriptionState({ applyErrors, enabled: false })]
    return moment({ subscriber: { subscriptions: [subscription(['users'])], subscriptionStates: states } })
  }
  const [was, is, again] = [at(5), at(7), at(9)]
  const applies = applyResultsOf(was.snapshot, [is.snapshot, again.snapshot])
  const findings = judged({ was, is, again, applies }).findings.filter(({ rule }) => rule === 'replication/apply-stops')
  expect(findings).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('before the change already') },
  ])
})

test('a table that a scan cannot pass any more, and one that lost its rows', () => {
  const was = moment({}, { contents: [rowsOf('primary', 'orders', 100), rowsOf('primary', 'users', 100)] })
  const damaged = {
    node: 'primary',
    schema: 'public',
    table: 'orders',
    contents: null,
    unread: { code: 'XX001', words: 'invalid page in block 3' },
  }
  const is = moment({}, { contents: [damaged, rowsOf('primary', 'users', 3)] })
  expect(short({ was, is })).toEqual([
    ['integrity/table-unreadable', 'integrity/table-corruption', 'primary:public.orders', 'critical'],
    ['data/rows-lost', 'integrity/data-deleted', 'primary:public.users', 'warning'],
  ])
  expect(
    judged({
      was,
      is: moment({}, { contents: [rowsOf('primary', 'users', 3)] }),
      allow: readAllowed(['data:public.users']),
    }).verdict,
  ).toBe('pass')
})

test('a server that answers no more is told once', () => {
  const was = moment()
  const is = {
    ...was,
    snapshot: {
      ...was.snapshot,
      nodes: was.snapshot.nodes.map((node) =>
        node.name === 'primary'
          ? { ...node, facts: { ...node.facts, server: unseen('unreachable', 'connection refused', 'start it') } }
          : node,
      ),
    },
  }
  expect(short({ was, is })).toContainEqual(['server/does-not-answer', 'server/stopped', 'primary', 'critical'])
})

test('a standby that takes writes beside its primary is told; one that was switched over to is not', () => {
  const was = moment()
  const leads = (server: Observation<ServerFact>, inRecovery: boolean): Observation<ServerFact> =>
    server.seen ? { ...server, value: { ...server.value, inRecovery } } : server
  const open = (...names: readonly string[]) => ({
    ...was,
    snapshot: {
      ...was.snapshot,
      nodes: was.snapshot.nodes.map((node) => ({
        ...node,
        facts: { ...node.facts, server: leads(node.facts.server, !names.includes(node.name)) },
      })),
    },
  })
  const both = short({ was, is: open('primary', 'standby') })
  expect(both).toContainEqual(['replication/standby-takes-writes', 'replication/split-brain', 'standby', 'critical'])
  const over = short({ was, is: open('standby') })
  expect(over.map(([rule]) => rule)).not.toContain('replication/standby-takes-writes')
})

test('a setting that waits for a restart was not tried', () => {
  const line = (value: string) => ({
    file: 'postgresql.conf',
    line: 1,
    name: 'wal_level',
    value,
    applied: true,
    error: null,
  })
  const at = (value: string) => moment({ primary: { settings: { wal_level: 'logical' }, fileSettings: [line(value)] } })
  expect(short({ was: at('logical'), is: at('minimal') })).toContainEqual([
    'server/waits-for-restart',
    'server/config-prevents-start',
    'primary:wal_level',
    'warning',
  ])
})

test('a command that fails, hangs or leaves processes behind says so', () => {
  const command = wrapped().command
  expect(judged({ command: { ...command, exit: 3 } }).findings).toMatchObject([
    {
      rule: 'command/fails',
      severity: 'error',
      message: 'npm run migrate ended with code 3; nothing that was looked at has changed',
    },
  ])
  expect(judged({ command: { ...command, exit: 143, timedOut: true } }).findings[0]?.message).toContain(
    'was still running after 1.0 s and was ended',
  )
  expect(judged({ command: { ...command, leftBehind: [{ pid: 77, command: 'sleep 100' }] } })).toMatchObject({
    verdict: 'warn',
    findings: [{ rule: 'command/leaves-processes', message: expect.stringContaining('77 (sleep 100)') }],
  })
})

test("a node that shows a contract's own row no more is told, by the latest look", () => {
  const beat = (state: Arrival['state']): Beat => ({
    contract: 'login',
    schema: 'app',
    table: 'beats',
    node: 'primary',
    written: { state: 'written', isConfirmed: true },
    arrivals: [{ node: 'subscriber', by: 'contract', state, waitedMs: 3_000, detail: null }],
  })
  const at = (state: Arrival['state']) => moment({}, { beats: [beat(state)] })
  const [was, lost] = [at('shown'), at('missing')]
  expect(short({ was, is: lost })).toEqual([
    ['replication/canary-missing', 'replication/divergence', 'subscriber:app.beats', 'critical'],
  ])
  expect(short({ was, is: lost, again: was })).toEqual([])
  expect(short({ was: lost, is: lost })).toEqual([])
})
