import { expect, test } from 'vitest'
import { caseOf, publication, snapshot, t0, table, touched } from '../../test/builders.ts'
import type { Case } from '../core/diagnosis.ts'
import { unseen } from '../core/observation.ts'
import type { Plan } from '../core/plan.ts'
import { planRemedy } from './plan.ts'
import { causeOf, planOf } from './testing/plans.ts'

const kinds = (plan: Plan): readonly string[] => plan.steps.map(({ kind }) => kind)
const undos = (plan: Plan): readonly string[] =>
  plan.steps.flatMap(({ undo }) => ('step' in undo ? [undo.step.kind] : []))
const made = (facts: Parameters<typeof causeOf>[0], c: Case = caseOf()): Plan | null =>
  planRemedy(causeOf(facts), c, { id: 'p-1', digest: (text) => text })

const tables = [table('user_credentials', { primaryKey: ['user_id'] })]
const refusedIn = (more: Parameters<typeof snapshot>[0]): readonly string[] =>
  planOf({ case: { snapshot: snapshot(more) } }).refusals.map(({ id }) => id)

test('a table that no publication lists is published, subscribed, waited for and compared', () => {
  const plan = planOf()
  expect(plan).toMatchObject({
    id: 'p-1',
    kind: 'publish-table',
    subject: 'subscriber:public.user_credentials',
    cluster: 'auth',
    refusals: [],
  })
  expect(kinds(plan)).toEqual([
    'table-look',
    'subscription-look',
    'publication-add-table',
    'subscription-refresh',
    'subscription-wait',
    'rows-compare',
  ])
  expect(plan.steps.map(({ n, node }) => [n, node])).toEqual([
    [1, 'subscriber'],
    [2, 'subscriber'],
    [3, 'primary'],
    [4, 'subscriber'],
    [5, 'subscriber'],
    [6, 'subscriber'],
  ])
})

test('what changes something is looked at before it is repeated, and has a way back that is made of data', () => {
  const plan = planOf()
  expect(plan.steps.filter(({ idempotent }) => idempotent === 'check-first').map(({ n }) => n)).toEqual([3, 4])
  expect(undos(plan)).toEqual(['table-empty', 'subscription-forget', 'publication-drop-table', 'rows-look'])
  for (const { input, undo } of plan.steps) {
    expect(input).toEqual({
      schema: 'public',
      table: 'user_credentials',
      publication: 'pub',
      subscription: 'sub',
      publisher: 'primary',
      subscriber: 'subscriber',
      publisher_server: '1/auth',
      subscriber_server: '2/auth',
    })
    expect('step' in undo ? undo.step.input : input).toEqual(input)
    expect('step' in undo ? undo.step.words : undo.none).not.toBe('')
  }
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
})

test('a table that is published already is only subscribed; nothing of that can be taken back, and it says why', () => {
  const plan = planOf({ facts: { gap: 'not-refreshed' } })
  expect(kinds(plan)).toEqual([
    'table-look',
    'subscription-look',
    'subscription-refresh',
    'subscription-wait',
    'rows-compare',
  ])
  expect(plan.steps.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5])
  expect(undos(plan)).toEqual([])
  expect(plan.steps[2]?.undo).toEqual({
    none: 'a subscription carries what its publications list, and pub listed public.user_credentials before',
  })
})

test('rows on the subscriber are in the way, counted or not', () => {
  expect(planOf({ rows: 0 }).refusals).toEqual([])
  expect(planOf({ rows: 1 }).refusals).toEqual([
    {
      id: 'rows-in-the-way',
      why: 'public.user_credentials has 1 row on subscriber: the first copy would fail, or double rows',
      evidence: { node: 'subscriber', rows: 1 },
    },
  ])
  expect(planOf({ rows: null }).refusals).toMatchObject([
    { id: 'rows-unknown', evidence: { node: 'subscriber', rows: null } },
  ])
})

test('only the count of this very table on this very pair of nodes is believed', () => {
  for (const other of [{ table: 'users' }, { schema: 'old' }, { node: 'standby' }, { source: 'standby' }]) {
    const facts = { touched: [touched('user_credentials', { nodeRows: 0, ...other })] }
    expect(made({}, caseOf({ snapshot: snapshot({ facts }) }))?.refusals).toMatchObject([{ id: 'rows-unknown' }])
  }
  const blind = snapshot()
  const touchedUnseen = unseen('timed-out', 'no answer', 'look')
  const c = caseOf({ snapshot: { ...blind, facts: { ...blind.facts, touched: touchedUnseen } } })
  expect(made({}, c)?.refusals).toMatchObject([{ id: 'rows-unknown' }])
})

test('a publication that is gone, or leaves operations out, is refused; an unseen one is left to the steps', () => {
  expect(refusedIn({ primary: { tables } })).toEqual([])
  expect(refusedIn({ primary: { publications: [] } })).toEqual(['publication-unknown'])
  const publishes = { insert: true, update: true, delete: false, truncate: true }
  expect(refusedIn({ primary: { publications: [publication(['users'], { publishes })] } })).toEqual(['publishes-part'])
  expect(made({ publisher: 'elsewhere' })?.refusals.map(({ id }) => id)).toEqual(['rows-unknown'])
})

test.each([
  ['d', ['id'], []],
  ['f', [], []],
  ['i', [], []],
  ['d', [], ['no-replica-identity']],
  ['n', ['id'], ['no-replica-identity']],
] as const)('replica identity %s with key %j: %j', (replicaIdentity, primaryKey, ids) => {
  expect(refusedIn({ primary: { tables: [table('user_credentials', { replicaIdentity, primaryKey })] } })).toEqual(ids)
})

test('a plan expires a quarter of an hour after what it was made from', () => {
  expect(planOf().basis).toMatchObject({ atMs: t0, expiresMs: t0 + 900_000 })
})

test('the fingerprint is of the facts and the evidence: the same for the same, another for another', () => {
  expect(made({})?.basis.fingerprint).toBe(made({})?.basis.fingerprint)
  expect(made({ table: 'other' })?.basis.fingerprint).not.toBe(made({})?.basis.fingerprint)
})

test('a remedy of another kind, another gap or without a name has no plan', () => {
  const { plan: _, ...remedy } = causeOf().remedy
  expect(planRemedy({ ...causeOf(), remedy }, caseOf(), { id: 'p', digest: () => '' })).toBeNull()
  expect(made({ gap: 'row-filter' })).toBeNull()
  expect(made({ gap: null })).toBeNull()
  expect(made({ subscription: '' })).toBeNull()
  expect(made({ publisher: null })).toBeNull()
})

test('names are shown as one would type them', () => {
  expect(planOf({ table: 'Odd "1"' }).steps[2]?.words).toBe('alter publication pub add table public."Odd ""1"""')
})
