import { expect, test } from 'vitest'
import {
  change,
  column,
  contracts,
  finding,
  logEntry,
  logs,
  outcomes,
  snapshot,
  t0,
  table,
  type Cluster,
} from '../../../../test/builders.ts'
import { diagnosed, named } from '../../../../test/diagnosing.ts'

const id = 'integrity/sequence-behind'
const orders = table('orders', { columns: [column('id', 'bigint', { notNull: true })] })
const sequence = (lastValue: string | null) => ({
  schema: 'public',
  name: 'orders_id_seq',
  lastValue,
  increment: 1,
  maxValue: '9223372036854775807',
  column: { schema: 'public', table: 'orders', name: 'id' },
})
const findings = [finding('application/outcomes', { node: 'primary', subject: 'primary' })]
const line = (constraint: string) =>
  logEntry('primary', { code: '23505', message: `duplicate key value violates unique constraint "${constraint}"` })
const at = (lastValue: string | null, facts: Cluster['facts'] = {}, atMs = t0) =>
  snapshot({
    atMs,
    primary: { tables: [orders], sequences: [sequence(lastValue)] },
    subscriber: { tables: [orders] },
    facts: { contracts: contracts(), outcomes: outcomes({ primary: '23505' }), ...facts },
  })
const before = at('2000', {}, t0 - 20_000)

test('a sequence went back, and new rows are refused as double: confirmed', () => {
  const diagnosis = diagnosed({ snapshot: at('1', { logs: logs([line('orders_pkey')]) }), earlier: before, findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('primary:public.orders_id_seq')
  expect(diagnosis.causes[0]?.remedy.commands.join()).toContain("setval('public.orders_id_seq'")
})

test('behind since nobody knows when, its own key is double: probable, with the question that decides', () => {
  const diagnosis = diagnosed({
    snapshot: at('1', { logs: logs([line('orders_pkey')]) }),
    earlier: at('1', {}, t0 - 20_000),
    findings,
  })
  expect(named(diagnosis)).toEqual([`${id} probable`])
  expect(diagnosis.next_probe).toContain('max(id)')
})

test('it went back and nobody is hurt: possible', () => {
  expect(named(diagnosed({ snapshot: at('1', { outcomes: outcomes({}) }), earlier: before, findings }))).toEqual([
    `${id} possible`,
  ])
})

test('another constraint is double: the sequence is not why', () => {
  const diagnosis = diagnosed({
    snapshot: at('1', { logs: logs([line('orders_mail_key')]) }),
    earlier: before,
    findings,
  })
  expect(named(diagnosis)).toEqual([`${id} possible`])
})

test('double keys of a column that no sequence feeds are the application’s', () => {
  expect(
    named(
      diagnosed({ snapshot: at('2010', { logs: logs([line('orders_mail_key')]) }), earlier: before, findings }),
    ).join(),
  ).not.toContain(id)
})

test('an order to set it is its trigger', () => {
  const set = change('primary:public.orders_id_seq', { before: 'last value 2000', after: 'last value 1' })
  const diagnosis = diagnosed({ snapshot: at('1'), earlier: before, findings, changes: [set] })
  expect(diagnosis.causes[0]).toMatchObject({ id, verdict: 'confirmed', trigger: set.id })
})
