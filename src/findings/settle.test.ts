import { expect, test } from 'vitest'
import { defineCheck } from '../core/check.ts'
import type { CheckResult } from '../core/finding.ts'
import { finding, t0 } from '../../test/builders.ts'
import { settle } from './settle.ts'

const check = defineCheck({
  id: 'replication/lag-time',
  on: ['postgres'],
  severity: 'warning',
  needs: [],
  question: '?',
  seeds: [],
  limits: { sustainMs: { default: 5000, unit: 'ms', why: 'a test' } },
  sustainMs: 'sustainMs',
  *run() {},
})
const result = (more: Partial<CheckResult> = {}): CheckResult => ({
  check: check.id,
  looked: ['subscriber'],
  blind: [],
  found: [],
  ...more,
})
const found = result({ found: [finding(check.id)] })

test('a finding opens once, keeps its first moment, and is sustained when it has lasted', () => {
  const first = settle(new Map(), [check], [found], t0)
  expect(first.opened).toMatchObject([{ sinceMs: t0, sustained: false }])
  const second = settle(first.state, [check], [found], t0 + 6000)
  expect(second.opened).toEqual([])
  expect([...second.state.values()]).toMatchObject([{ sinceMs: t0, sustained: true }])
})

test('what could not be looked at on one table keeps only the findings of that table open', () => {
  const [users, orders] = ['users', 'orders'].map((name) => finding(check.id, { subject: `subscriber:public.${name}` }))
  if (!users || !orders) throw new Error('two findings')
  const { state } = settle(new Map(), [check], [result({ found: [users, orders] })], t0)
  const words = { why: 'no-privilege', detail: '42501', remedy: 'grant it' } as const
  const blind = [{ node: 'subscriber', ...words, subjects: [users.subject] }]
  const settled = settle(state, [check], [result({ blind })], t0 + 1000)
  expect(settled.closed).toMatchObject([{ subject: orders.subject }])
  expect(settled.frozen).toMatchObject([{ subject: users.subject }])
})

test('it closes only when it was looked at and is gone', () => {
  const { state } = settle(new Map(), [check], [found], t0)
  const blind = { node: 'subscriber', why: 'unreachable', detail: 'gone', remedy: 'look' } as const
  const unseen = settle(state, [check], [result({ looked: [], blind: [blind] })], t0 + 1000)
  expect(unseen.closed).toEqual([])
  expect(unseen.frozen).toHaveLength(1)
  expect(settle(unseen.state, [check], [result()], t0 + 2000).closed).toHaveLength(1)
})

test('a note that becomes critical opens anew, with the moment from which it hurts', () => {
  const note = result({ found: [finding(check.id, { severity: 'info' })] })
  const { state } = settle(new Map(), [check], [note], t0)
  const graver = settle(state, [check], [found], t0 + 3000)
  expect(graver.opened).toMatchObject([{ severity: 'critical', sinceMs: t0 + 3000 }])
  expect(settle(graver.state, [check], [note], t0 + 4000).opened).toEqual([])
})
