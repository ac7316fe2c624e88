import { expect, test } from 'vitest'
import { t0 } from '../../../test/builders.ts'
import type { LogEntryFact } from '../../core/facts/cluster.ts'
import { applyFailures } from './stuck.ts'
import { planToMend, planToSkip, type StuckSubscription } from './stuck-plan.ts'
import { rowsOf, targetOf } from './testing/tables.ts'

const entry = (more: Partial<LogEntryFact>): LogEntryFact => ({
  node: 'reports',
  firstMs: t0,
  lastMs: t0,
  count: 1,
  severity: 'ERROR',
  code: '23505',
  message: 'duplicate key value violates unique constraint "users_pkey"',
  detail: 'Key (id)=(...) already exists.',
  context:
    'processing remote data for replication origin "pg_16389" during message type "INSERT" for replication target relation "public.users" in transaction 735, finished at 0/15A2B30',
  role: null,
  database: null,
  application: null,
  ...more,
})

test('the log of 15 and of 18 names table, index, transaction and position', () => {
  const [failure] = applyFailures([entry({})], 'reports')
  expect(failure).toMatchObject({
    subscriptionOid: 16_389,
    operation: 'INSERT',
    schema: 'public',
    table: 'users',
    xid: 735,
    lsn: '0/15A2B30',
    indexes: ['users_pkey'],
  })
  const newer = entry({
    lastMs: t0 + 1,
    message: 'conflict detected on relation "public.users": conflict=multiple_unique_conflicts',
    detail:
      'Key already exists in unique index "users_pkey", modified in transaction 855.\nKey (id)=(...); existing local row (...).\nKey already exists in unique index "users_name_key", modified in transaction 855.',
  })
  expect(applyFailures([newer, entry({})], 'reports')).toMatchObject([{ indexes: ['users_pkey', 'users_name_key'] }])
  expect(
    applyFailures([entry({ node: 'other' }), entry({ context: null }), entry({ severity: 'LOG' })], 'reports'),
  ).toEqual([])
})

const stuckOf = (more: Partial<StuckSubscription> = {}): StuckSubscription => {
  const [failure] = applyFailures([entry({})], 'reports')
  if (!failure) throw new Error('no failure')
  const { schema, table, key, columns } = rowsOf()
  return {
    failure,
    direction: { left: 'primary', right: 'reports', subscription: 'sub', target: 'reports', source: 'primary' },
    subscription: {
      name: 'sub',
      isEnabled: true,
      isOwned: true,
      isSuperuser: true,
      versionNum: 180_004,
      skipLsn: '0/0',
      tables: [
        { schema: 'public', table: 'orders' },
        { schema: 'public', table: 'users' },
      ],
    },
    target: targetOf(),
    table: { schema, table, key, columns },
    inTheWay: [{ key: ['5'], from: { id: '5', name: 'taken' }, to: null }],
    notFound: null,
    touched: ['public.users'],
    ...more,
  }
}
const options = { id: 'repair-1', cluster: 'auth', atMs: t0, digest: (text: string) => `${text.length}` }

test('the row goes and can be put back; a subscription that switched itself off is switched on', () => {
  const kinds = (stuck: StuckSubscription) => planToMend({ ...options, stuck }).steps.map(({ kind }) => kind)
  expect(kinds(stuckOf())).toEqual(['rows-clear', 'subscription-catch-up', 'rows-prove'])
  const off = stuckOf()
  expect(kinds({ ...off, subscription: { ...off.subscription, isEnabled: false } })).toEqual([
    'rows-clear',
    'subscription-enable',
    'subscription-catch-up',
    'rows-prove',
  ])
})

test('a skip is never without the tables to compare, the written ones first', () => {
  const plan = planToSkip({ ...options, stuck: stuckOf() })
  expect(plan.steps.map(({ kind, input }) => `${kind} ${String(input['table'] ?? input['lsn'] ?? '')}`)).toEqual([
    'subscription-skip 0/15A2B30',
    'subscription-catch-up ',
    'table-verify users',
    'table-verify orders',
  ])
})

test('what cannot be done is refused with its reason', () => {
  const { subscription } = stuckOf()
  const refusalOf = (more: Partial<StuckSubscription>) =>
    planToSkip({ ...options, stuck: stuckOf(more) }).refusals[0]?.id
  expect(refusalOf({ subscription: { ...subscription, skipLsn: null } })).toBe('cannot-skip')
  expect(refusalOf({ subscription: { ...subscription, isSuperuser: false } })).toBe('not-allowed')
  const mend = planToMend({
    ...options,
    stuck: stuckOf({ table: null, inTheWay: [], notFound: 'the log names no table' }),
  })
  expect(mend).toMatchObject({ steps: [], refusals: [{ id: 'row-not-found', why: 'the log names no table' }] })
})
