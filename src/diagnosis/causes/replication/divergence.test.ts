import { expect, test } from 'vitest'
import { change, contracts, finding, outcomes, snapshot, t0, touched } from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const differs = (node: string) =>
  snapshot({
    facts: {
      contracts: contracts(),
      outcomes: outcomes({ [node]: 'APP_BAD_HASH' }),
      touched: [touched('users', { node, nodeRows: 999 })],
    },
  })
const findings = (node: string) => [
  finding('application/outcomes', { subject: node, node }),
  finding('replication/row-consistency', { subject: `${node}:public.users`, node }),
]

test('rows that differ on a carried table and hurt are named; without news since all was good, as probable', () => {
  expect(named(diagnosed({ snapshot: differs('subscriber'), findings: findings('subscriber') }))).toEqual([
    'replication/divergence probable',
  ])
})

test('a physical standby can differ as well', () => {
  expect(named(diagnosed({ snapshot: differs('standby'), findings: findings('standby') }))).toEqual([
    'replication/divergence probable',
  ])
})

test('a table that is not carried is not this cause', () => {
  const snap = snapshot({ facts: { contracts: contracts(), touched: [touched('schema_migrations')] } })
  expect(named(diagnosed({ snapshot: snap })).filter((words) => words.startsWith('replication/divergence'))).toEqual([])
})

test('carried is not believed where it was read before the difference was seen', () => {
  const before = touched('users', { nodeRows: 999, sinceMs: t0 + 500 })
  const snap = snapshot({
    facts: { contracts: contracts(), outcomes: outcomes({ subscriber: 'APP_BAD_HASH' }), touched: [before] },
  })
  expect(named(diagnosed({ snapshot: snap, findings: findings('subscriber') }))).toEqual([])
})

test('an index made while rows differed is no news of the rows; a column that was filled on both sides is', () => {
  const asked = (before: string, after: string) =>
    named(
      diagnosed({
        snapshot: differs('subscriber'),
        changes: [change('primary:public.users', { before, after })],
        findings: findings('subscriber'),
      }),
    )
  expect(asked('no index x', 'index x')).toEqual(['replication/divergence probable'])
  expect(asked('no column at', 'column at text default random()')).toEqual(['replication/divergence confirmed'])
})

test('a node that cannot be reached is not hurt by its rows', () => {
  const snap = snapshot({
    facts: { outcomes: outcomes({ subscriber: 'ECONNREFUSED' }), touched: [touched('users', { nodeRows: 999 })] },
  })
  expect(named(diagnosed({ snapshot: snap, findings: findings('subscriber') }))).toEqual([
    'replication/divergence possible',
  ])
})
