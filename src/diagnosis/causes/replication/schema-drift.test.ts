import { describe, expect, test } from 'vitest'
import {
  change,
  column,
  contract,
  contracts,
  finding,
  logEntry,
  logs,
  outcomes,
  publication,
  snapshot,
  subscriptionState,
  t0,
  table,
  touched,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const wide = table('users', { columns: [column('id', 'integer'), column('password_hash'), column('algo')] })
const altered = change('primary:public.users', {
  before: 'columns id, password_hash',
  after: 'columns id, password_hash, algo',
})
const facts = { contracts: contracts(), outcomes: outcomes({ subscriber: '42703' }) }

test('a column on the publisher only, and reads that fail: confirmed, with the change', () => {
  const diagnosis = diagnosed({
    snapshot: snapshot({ primary: { tables: [wide] }, facts }),
    changes: [altered],
    findings: [finding('application/outcomes')],
  })
  expect(diagnosis.causes[0]).toMatchObject({
    id: 'replication/schema-drift',
    subject: 'subscriber:public.users',
    verdict: 'confirmed',
    trigger: altered.id,
  })
})

test('rows that stop at a fence are harm as well, and no divergence', () => {
  const snap = snapshot({
    primary: { tables: [wide] },
    facts: { contracts: contracts(), touched: [touched('users', { verdict: 'lagging' })] },
  })
  expect(named(diagnosed({ snapshot: snap, changes: [altered] }))).toEqual(['replication/schema-drift confirmed'])
})

test('a column that is there on both sides is no drift, in whatever order', () => {
  const turned = table('users', { columns: wide.columns.toReversed() })
  expect(
    named(
      diagnosed({
        snapshot: snapshot({ primary: { tables: [wide] }, subscriber: { tables: [turned] } }),
        changes: [altered],
      }),
    ),
  ).toEqual([])
})

describe('harm that the difference cannot have done leaves it possible', () => {
  const said = (facts: NonNullable<Cluster['facts']>, subscriber: Cluster['subscriber'] = {}) =>
    named(
      diagnosed({
        snapshot: snapshot({ primary: { tables: [wide] }, subscriber, facts }),
        changes: [altered],
        findings: [finding('application/outcomes')],
      }),
    )

  test.each([
    ['connections that are refused', { outcomes: outcomes({ subscriber: '53300' }) }],
    ['answers that are wrong, while apply is well', { outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }) }],
    ['a column that is nowhere', { outcomes: outcomes({ primary: '42703', subscriber: '42703' }) }],
    ['a table that is not there', { outcomes: outcomes({ subscriber: '42P01' }) }],
    [
      'a canary that asks for another column',
      {
        contracts: [
          contract('subscriber', {
            ok: false,
            layer: 'query' as const,
            code: '42703',
            message: 'column "nickname" does not exist',
          }),
        ],
      },
    ],
    [
      'a canary that waits for a lock',
      { contracts: [contract('subscriber', { ok: false, layer: 'query' as const, code: '55P03' })] },
    ],
  ])('%s', (_, facts) => {
    expect(said(facts)).toEqual(['replication/schema-drift possible'])
  })

  test('a canary that asks for this column, and answers that are wrong while the worker is gone, do', () => {
    const asks = contract('subscriber', {
      ok: false,
      layer: 'query',
      code: '42703',
      message: 'column "algo" does not exist',
    })
    expect(said({ contracts: [asks] })).toEqual(['replication/schema-drift confirmed'])
    expect(
      said(
        { outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }) },
        { subscriptionStates: [subscriptionState({ workerPid: null })] },
      ),
    ).toEqual(['replication/schema-drift confirmed'])
  })

  test('rows that are old because the subscription is switched off do not', () => {
    const off = { subscriptionStates: [subscriptionState({ enabled: false, workerPid: null })] }
    expect(said({ touched: [touched('users', { verdict: 'lagging' })] }, off)).toContain(
      'replication/schema-drift possible',
    )
  })

  test('rows that are old while worker and counters are well do not', () => {
    const facts = { touched: [touched('users', { verdict: 'lagging' as const })] }
    const at = (atMs: number) => snapshot({ atMs, primary: { tables: [wide] }, facts })
    const diagnosis = diagnosed({ snapshot: at(t0), earlier: at(t0 - 20_000), changes: [altered] })
    expect(named(diagnosis)).toEqual(['replication/schema-drift possible'])
  })
})

test('an old difference is not made new by an index on the same table', () => {
  const indexed = change('primary:public.users', {
    before: 'no index CREATE INDEX algo ON public.users USING btree (algo)',
    after: 'index CREATE INDEX algo ON public.users USING btree (algo)',
  })
  const snap = snapshot({ primary: { tables: [wide] }, facts })
  expect(named(diagnosed({ snapshot: snap, changes: [indexed], findings: [finding('application/outcomes')] }))).toEqual(
    ['replication/schema-drift probable'],
  )
})

test('a type that holds every value is no drift', () => {
  const bigint = table('users', { columns: [column('id', 'bigint'), column('password_hash')] })
  const snap = snapshot({ subscriber: { tables: [bigint] }, facts })
  const retyped = change('subscriber:public.users', { before: 'column id integer', after: 'column id bigint' })
  expect(named(diagnosed({ snapshot: snap, changes: [retyped], findings: [finding('application/outcomes')] }))).toEqual(
    [],
  )
})

test('of two tables that differ the one is confirmed that is new', () => {
  const names = ['aged', 'users']
  const tables = names.map((name) => table(name, { columns: wide.columns }))
  const snap = snapshot({
    primary: { tables, publications: [publication(names)] },
    subscriber: { tables: names.map((name) => table(name)) },
    facts,
  })
  const { causes } = diagnosed({ snapshot: snap, changes: [altered], findings: [finding('application/outcomes')] })
  expect(causes.map(({ subject, verdict }) => `${subject} ${verdict}`)).toEqual([
    'subscriber:public.users confirmed',
    'subscriber:public.aged probable',
  ])
})

test('a published table that the subscriber lost, and a column that only it requires, stop apply: it is the same cause', () => {
  const stopped = { subscriptionStates: [subscriptionState({ workerPid: null })] }
  const old = { ...facts, outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }) }
  const dropped = snapshot({ subscriber: { ...stopped, tables: [] }, facts: old })
  const gone = change('subscriber:public.users', { before: 'table (id integer)', after: null })
  expect(named(diagnosed({ snapshot: dropped, changes: [gone] }))).toEqual(['replication/schema-drift confirmed'])

  const columns = [...table('users').columns, column('tenant', 'integer', { notNull: true })]
  const required = snapshot({ subscriber: { ...stopped, tables: [table('users', { columns })] }, facts: old })
  const added = change('subscriber:public.users', {
    before: 'no column tenant',
    after: 'column tenant integer not null',
  })
  expect(named(diagnosed({ snapshot: required, changes: [added] }))).toEqual(['replication/schema-drift confirmed'])
})

test('the log says that apply stops at it before any counter does: old rows are its harm at once', () => {
  const line = logEntry('subscriber', {
    code: '55000',
    role: null,
    message: 'logical replication target relation "public.users" is missing replicated column: "algo"',
    context: 'processing remote data for replication origin "pg_16439" during message type "UPDATE" in transaction 844',
  })
  const old = { contracts: contracts(), outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }) }
  const said = (facts: Cluster['facts']) => {
    const at = (atMs: number) => snapshot({ atMs, primary: { tables: [wide] }, facts: { ...old, ...facts } })
    return diagnosed({
      snapshot: at(t0),
      earlier: at(t0 - 20_000),
      changes: [altered],
      findings: [finding('application/outcomes')],
    })
  }
  expect(named(said({}))).toEqual(['replication/schema-drift possible'])
  expect(named(said({ logs: logs([line]) }))).toEqual(['replication/schema-drift confirmed'])
})
