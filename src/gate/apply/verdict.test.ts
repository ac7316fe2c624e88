import { expect, test } from 'vitest'
import { contract, snapshot, subscription, publication, table } from '../../../test/builders.ts'
import type { Cluster } from '../../../test/builders.ts'
import { readChange } from '../change/read-change.ts'
import type { ApplyResult } from '../rehearsal.ts'
import type { Tested } from './production-test.ts'
import { judgeProduction, type Judging } from './verdict.ts'

const users = table('users')
const usual: Cluster = {
  primary: { tables: [users], publications: [publication(['users'])] },
  subscriber: { tables: [users], subscriptions: [subscription(['users'])] },
}

interface Situation extends Partial<Omit<Tested, 'now'>> {
  readonly is?: Cluster
  readonly contracts?: Tested['now']['contracts']
  readonly conflicts?: Tested['now']['conflicts']
  readonly differedBefore?: Judging['differedBefore']
  readonly beats?: Judging['beats']
}

const conflicted = (missing: number) => ({
  subscriber: [{ subscription: 'sub', counts: { confl_update_missing: missing } }],
})

async function judged({
  is = usual,
  contracts = [contract('primary')],
  conflicts = conflicted(1),
  differedBefore = [],
  beats = { before: [], after: [], behind: 'the change' },
  ...tested
}: Situation) {
  const statements = await readChange({ name: 'm.sql', text: 'alter table users add column phone text' })
  return judgeProduction({
    before: { snapshot: snapshot(usual), contracts: [contract('primary')], replication: [], conflicts: conflicted(1) },
    differedBefore,
    tested: {
      now: { snapshot: snapshot(is), contracts, replication: [], conflicts },
      applies: [],
      compared: [],
      late: [],
      ...tested,
    },
    beats,
    steps: statements.map((statement) => ({ statement, nodes: ['primary'] })),
    primary: 'primary',
    serving: new Set(),
    allow: [],
    failOn: 'error',
    today: '2026-03-05',
  })
}

const apply = (polls: readonly number[]): ApplyResult => ({
  node: 'subscriber',
  subscription: 'sub',
  before: 3,
  polls,
  message: null,
  code: null,
  relation: null,
})
const rulesOf = ({ findings }: Awaited<ReturnType<typeof judged>>): readonly string[] =>
  findings.map(({ rule }) => rule)

test('a production that is as it was passes', async () => {
  expect(await judged({})).toMatchObject({ verdict: 'pass', findings: [], undeclared: [] })
})

test('a contract that fails now blocks', async () => {
  const said = await judged({ contracts: [contract('primary', { ok: false, layer: 'auth', message: 'no' })] })
  expect(said).toMatchObject({ verdict: 'block', findings: [{ rule: 'connection/login-fails', severity: 'critical' }] })
})

test('errors of a subscription block when they grow over two polls, not when they are old or single', async () => {
  expect(rulesOf(await judged({ applies: [apply([4, 5])] }))).toContain('replication/apply-stops')
  expect(rulesOf(await judged({ applies: [apply([3, 3])] }))).toEqual([])
  expect(rulesOf(await judged({ applies: [apply([4, 4])] }))).toEqual([])
})

test('a touched table that differs blocks, unless it differed before the change', async () => {
  const different = { schema: 'public', table: 'users', node: 'standby', verdict: 'different', detail: null } as const
  expect(rulesOf(await judged({ compared: [different] }))).toEqual(['replication/rows-differ'])
  expect(await judged({ compared: [different], differedBefore: [different] })).toMatchObject({
    verdict: 'pass',
    notes: ['public.users had other rows on standby before the change already'],
  })
})

test('a node that does not come to what the primary has written blocks', async () => {
  expect(await judged({ late: [{ node: 'standby', why: 'it is paused' }] })).toMatchObject({
    verdict: 'block',
    findings: [
      { rule: 'replication/stream-stops', nodes: ['standby'], message: expect.stringContaining('it is paused') },
    ],
  })
})

test('a table that nobody carries any more blocks, and another one that changed is not declared', async () => {
  const is = { ...usual, primary: { tables: [users, table('extra')], publications: [publication([])] } }
  const said = await judged({ is })
  expect(rulesOf(said)).toContain('replication/table-not-carried')
  expect(said.undeclared.map(({ object }) => object)).toContain('primary:public.extra')
})

test('what waits for a restart is a note', async () => {
  const is = { ...usual, primary: { ...usual.primary, pendingRestart: ['max_connections'] } }
  expect((await judged({ is })).notes).toEqual([
    'primary: max_connections will be as the change says after a restart; the rehearsal has not tried max_connections',
  ])
})

test('conflicts that were counted during the change are a warning, old ones are none', async () => {
  expect(await judged({ conflicts: conflicted(3) })).toMatchObject({
    verdict: 'warn',
    findings: [{ rule: 'replication/rows-differ', message: expect.stringContaining('confl_update_missing 1 → 3') }],
  })
})
