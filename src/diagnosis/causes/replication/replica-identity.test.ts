import { expect, test } from 'vitest'
import {
  change,
  contracts,
  finding,
  logEntry,
  logs,
  outcomes,
  publication,
  snapshot,
  table,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'replication/replica-identity'
const keyless = table('users', { primaryKey: [], constraints: [], indexes: [] })
const dropped = change('primary:public.users', {
  before: 'constraint PRIMARY KEY (id)',
  after: 'no constraint PRIMARY KEY (id)',
})
const line = (table: string, code = '55000') =>
  logEntry('primary', {
    code,
    message: `cannot update table "${table}" because it does not have a replica identity and publishes updates`,
  })
const findings = [finding('application/outcomes', { node: 'primary', subject: 'primary' })]
const said = ({ primary = { tables: [keyless] }, subscriber = {}, facts = {} }: Cluster = {}, changes = [dropped]) =>
  diagnosed({
    snapshot: snapshot({
      primary,
      subscriber,
      facts: { contracts: contracts(), outcomes: outcomes({ primary: '55000' }), ...facts },
    }),
    changes,
    findings,
  })

test('a published table that lost its key, and updates that fail on the publisher: confirmed, with the change', () => {
  const diagnosis = said()
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]).toMatchObject({ subject: 'primary:public.users', trigger: dropped.id })
})

test('the log names the table that is meant', () => {
  const both = {
    primary: { tables: [keyless, { ...keyless, name: 'orders' }], publications: [publication(['users', 'orders'])] },
    subscriber: { tables: [table('users'), table('orders')] },
  }
  const diagnosis = said({ ...both, facts: { logs: logs([line('users')]) } })
  expect(diagnosis.causes.map(({ subject, verdict }) => `${subject} ${verdict}`)).toEqual([
    'primary:public.users confirmed',
    'primary:public.orders possible',
  ])
  expect(named(said(both))).toEqual([`${id} possible`, `${id} possible`])
})

test.each([
  [
    'a column list without the key',
    publication([], { tables: [{ schema: 'public', name: 'users', columns: ['password_hash'], rowFilter: null }] }),
  ],
  [
    'a filter on another column',
    publication([], {
      tables: [{ schema: 'public', name: 'users', columns: null, rowFilter: "(password_hash <> 'id')" }],
    }),
  ],
])('%s is the same cause with 42P10', (_, changed) => {
  const primary = { publications: [changed] }
  const diagnosis = said({ primary, facts: { outcomes: outcomes({ primary: '42P10' }) } }, [
    change('primary:publication pub:public.users', {
      before: 'published: all columns, all rows',
      after: 'published: …',
    }),
  ])
  expect(diagnosis.causes.find((cause) => cause.id === id)).toMatchObject({ verdict: 'confirmed' })
})

test('a key that was missing when all was good: probable at most', () => {
  expect(named(said({}, []))).toEqual([`${id} probable`])
})

test.each([
  ['nobody is hurt', { outcomes: outcomes({}) }],
  ['the failures are others', { outcomes: outcomes({ primary: '42703' }) }],
  ['the log names another table', { logs: logs([line('orders')]) }],
  [
    'the log has the code for another reason',
    {
      logs: logs([
        logEntry('primary', {
          code: '55000',
          message: 'currval of sequence "users_id_seq" is not yet defined in this session',
        }),
      ]),
    },
  ],
])('possible where %s', (_, facts) => {
  expect(named(said({ facts }))).toEqual([`${id} possible`])
})

test.each([
  [
    'inserts only are published',
    {
      tables: [keyless],
      publications: [
        publication(['users'], { publishes: { insert: true, update: false, delete: false, truncate: false } }),
      ],
    },
  ],
  ['the table is not published', { tables: [keyless], publications: [publication([])] }],
  ['whole rows identify themselves', { tables: [{ ...keyless, replicaIdentity: 'f' as const }] }],
])('not named where %s', (_, primary) => {
  expect(named(said({ primary })).join()).not.toContain(id)
})
