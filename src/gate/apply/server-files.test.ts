import { expect, test } from 'vitest'
import { snapshot } from '../../../test/builders.ts'
import type { ClusterConfig } from '../../core/configuration.ts'
import { readChangeFile } from '../files/read-file.ts'
import { stepsOf, type Step } from '../run/targets.ts'
import { assertEffective, assertReachable } from './file-unit.ts'
import { planChange } from './plan.ts'
import { restartsToCome } from './restarts-to-come.ts'
import { unitsOf } from './units.ts'

const settings = { max_connections: '100', max_wal_senders: '10' }
const seen = snapshot({ primary: { settings }, standby: { settings } })

async function stepsIn(text: string, name = 'db.conf'): Promise<readonly Step[]> {
  const nodes = seen.nodes.flatMap((each) => (each.role === null ? [] : [{ name: each.name, role: each.role }]))
  return stepsOf(await readChangeFile({ name, text }), nodes)
}

async function planOf(text: string, name = 'db.conf') {
  return planChange({
    id: 'gate-1',
    cluster: 'auth',
    primary: 'primary',
    change: 'abc',
    fingerprint: 'def',
    units: unitsOf(await stepsIn(text, name)),
    snapshot: seen,
    canAct: () => true,
    budgetMs: 1_000,
    atMs: 1,
    validForMs: 10,
  })
}

const both = (line: string): string => `# antemortem:on primary, standby\n${line}\n`

test('a file is kept first, written, looked at and read, and put back byte for byte', async () => {
  const { steps } = await planOf('work_mem = 8MB\nlog_lock_waits = on\n')
  expect(
    steps.map(({ kind, node: on, words, undo }) => [kind, on, words, 'step' in undo ? undo.step.words : null]),
  ).toEqual([
    ['gate-look', null, expect.anything(), null],
    ['gate-keep-file', 'primary', 'keep a copy of postgresql.conf', null],
    [
      'gate-write-file',
      'primary',
      'write into postgresql.conf: work_mem = 8MB; log_lock_waits = on',
      'put postgresql.conf back byte for byte, and have the server read it',
    ],
    ['gate-reload', 'primary', 'see that postgresql.conf has no error, and have the server read it', null],
    ['gate-test', null, expect.anything(), null],
  ])
})

test('of access rules the whole file is written', async () => {
  const text = '# ours\nlocal all all trust\nhost all all all scram-sha-256\n'
  const { steps } = await planOf(text, 'deploy/pg_hba.conf')
  expect(steps[2]).toMatchObject({ words: 'write pg_hba.conf anew as pg_hba.conf has it: 2 rules', input: { text } })
})

test.each([
  ['a larger one on the standby first', 'max_connections = 200', ['standby', 'primary']],
  ['a smaller one on the primary first', 'max_connections = 50', ['primary', 'standby']],
  ['any other in the order of the file', 'work_mem = 8MB', ['primary', 'standby']],
])('of what a standby must have as its primary: %s', async (_, line, order) => {
  const { steps, refusals } = await planOf(both(line))
  expect(steps.flatMap(({ kind, node: on }) => (kind === 'gate-write-file' ? [on] : []))).toEqual(order)
  expect(refusals).toEqual([])
})

test('one raised and another one lowered have no right order', async () => {
  expect((await planOf(both('max_connections = 200\nmax_wal_senders = 5'))).refusals).toMatchObject([
    { id: 'opposite-orders', why: expect.stringContaining('make two changes of it') },
  ])
})

test('a setting that waits for a restart is told with what its rehearsal showed, and the order of the restarts', async () => {
  const now = {
    ...seen,
    nodes: seen.nodes.map((each) => ({
      ...each,
      facts: { ...each.facts, pendingRestart: { seen: true as const, atMs: 1, value: ['max_connections'] } },
    })),
  }
  expect(restartsToCome(seen, now, await stepsIn(both('max_connections = 200')))).toEqual([
    ...['primary', 'standby', 'subscriber'].map(
      (name) =>
        `${name}: max_connections will be as the change says after a restart; in the rehearsal every server was restarted with it, and came up`,
    ),
    'max_connections is raised: restart the standbys first, then the primary; a standby with less room than its primary stops replaying, and does not start again',
  ])
})

const cluster = (host: ClusterConfig['nodes'][number]['host']): ClusterConfig => ({
  name: 'auth',
  engine: 'postgres',
  nodes: [{ name: 'primary', url: 'x', act: 'y', host }],
  contracts: [],
  fence: 'message',
  invariants: [],
})

test.each([
  ['no host', null],
  ['a host behind ssh', { ssh: 'a@b', data: null, log: null }],
])('with %s a file is refused, with what to do', async (_, host) => {
  const units = unitsOf(await stepsIn('work_mem = 8MB'))
  expect(() => assertReachable(units, cluster(host))).toThrow('nodes.primary has no local host')
  expect(() => assertReachable(units, cluster({ ssh: null, data: '/data', log: null }))).not.toThrow()
})

test('a line over which ALTER SYSTEM has the last word is refused', async () => {
  const line = { line: 3, name: 'work_mem', value: '1MB', applied: true, error: null }
  const file = (name: string) => ({ ...snapshot({ primary: { fileSettings: [{ ...line, file: name }] } }) })
  const units = unitsOf(await stepsIn('work_mem = 8MB'))
  expect(() => assertEffective(units, file('/data/postgresql.auto.conf'))).toThrow(
    'db.conf:1: work_mem of primary was set',
  )
  expect(() => assertEffective(units, file('/data/postgresql.conf'))).not.toThrow()
})
