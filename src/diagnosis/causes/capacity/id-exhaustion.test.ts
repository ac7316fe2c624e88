import { expect, test } from 'vitest'
import {
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

const id = 'capacity/id-exhaustion'
const findings = [finding('application/outcomes', { node: 'primary', subject: 'primary' })]
const orders = (type: string) => table('orders', { columns: [column('id', type, { notNull: true })] })
const sequence = (lastValue: string, maxValue = '2147483647', name = 'orders_id_seq') => ({
  schema: 'public',
  name,
  lastValue,
  increment: 1,
  maxValue,
  column: { schema: 'public', table: 'orders', name: 'id' },
})
const at = (
  sequences: readonly ReturnType<typeof sequence>[],
  code: string,
  more: Cluster['facts'] = {},
  atMs = t0,
  type = 'integer',
) =>
  snapshot({
    atMs,
    primary: { tables: [orders(type)], sequences },
    subscriber: { tables: [orders(type)] },
    facts: { contracts: contracts(), outcomes: outcomes({ primary: code }), ...more },
  })
const end = '2147483647'
const before = at([sequence('2147483000')], 'ok', {}, t0 - 20_000)
const reached = (name = 'orders_id_seq') =>
  logEntry('primary', { code: '2200H', message: `nextval: reached maximum value of sequence "${name}" (2147483647)` })

test('a sequence is at its end since a moment ago, and inserts fail: confirmed', () => {
  const diagnosis = diagnosed({ snapshot: at([sequence(end)], '2200H'), earlier: before, findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.subject).toBe('primary:public.orders_id_seq')
})

test('the type of the key is at its end, though the sequence is not', () => {
  const big = '9223372036854775807'
  const earlier = at([sequence('2147483000', big)], 'ok', {}, t0 - 20_000)
  const diagnosis = diagnosed({ snapshot: at([sequence(end, big)], '22003'), earlier, findings })
  expect(named(diagnosis)).toEqual([`${id} confirmed`])
  expect(diagnosis.causes[0]?.remedy.words).toContain('bigint')
  expect(
    named(diagnosed({ snapshot: at([sequence(end, big)], '22003', {}, t0, 'bigint'), earlier, findings })).join(),
  ).not.toContain(id)
})

test('the log names the one of several', () => {
  const both = [sequence(end), sequence(end, end, 'other_seq')]
  const diagnosis = diagnosed({ snapshot: at(both, '2200H', { logs: logs([reached()]) }), findings })
  expect(diagnosis.causes.map(({ subject, verdict }) => `${subject} ${verdict}`)).toEqual([
    'primary:public.orders_id_seq confirmed',
    'primary:public.other_seq possible',
  ])
})

test('at its end since before: probable', () => {
  const earlier = at([sequence(end)], '2200H', {}, t0 - 20_000)
  expect(named(diagnosed({ snapshot: at([sequence(end)], '2200H'), earlier, findings }))).toEqual([`${id} probable`])
})

test.each([
  ['nobody inserts', 'ok', {}],
  ['numbers are too large for another reason', '22003', {}],
  ['the log names another sequence', '2200H', { logs: logs([reached('elsewhere_seq')]) }],
])('possible where %s', (_, code, more) => {
  expect(named(diagnosed({ snapshot: at([sequence(end)], code, more), earlier: before, findings }))).toEqual([
    `${id} possible`,
  ])
})

test('close to its end is a finding, no cause', () => {
  expect(
    named(diagnosed({ snapshot: at([sequence('2147483600')], '2200H'), earlier: before, findings })).join(),
  ).not.toContain(id)
})
