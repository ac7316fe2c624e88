import { expect, test } from 'vitest'
import type { GateFinding } from '../core/gate.ts'
import { attemptOf } from './judge-gate.ts'

const expected = { rules: ['replication/table-not-carried'], objects: ['primary:public.logins'], node: 'reports' }
const finding: GateFinding = {
  rule: 'replication/table-not-carried',
  consequence: 'replication/publication-incomplete',
  object: 'primary:public.logins',
  nodes: ['reports'],
  severity: 'error',
  message: 'its rows never arrive',
  remedy: 'add it',
}
const judged = (more: Partial<GateFinding>, verdict: 'pass' | 'warn' | 'block' = 'block') =>
  attemptOf('gate rehearse', { verdict, findings: [{ ...finding, ...more }] }, expected, 7)

test('a change that is refused by the right rule, on its object and node, is stopped', () => {
  expect(judged({})).toEqual({
    by: 'gate rehearse',
    verdict: 'block',
    rule: 'replication/table-not-carried',
    object: 'primary:public.logins',
    stopped: true,
    isPutBack: false,
    why: null,
    ms: 7,
    finding,
  })
})

test.each([
  ['another rule', judged({ rule: 'schema/statement-fails' })],
  ['another object', judged({ object: 'primary:public.orders' })],
  ['another node', judged({ nodes: ['standby'] })],
  ['a warning beside what blocks', judged({ severity: 'warning' })],
  ['a verdict that lets it pass', judged({}, 'warn')],
])('refused for %s it is not stopped, and what was said instead is told', (_, attempt) => {
  expect(attempt).toMatchObject({ stopped: false, rule: null, finding: null })
  expect(attempt.why).toContain('not replication/table-not-carried on primary:public.logins')
})

test('what cannot be tried here has no verdict', () => {
  expect(attemptOf('gate --', { failed: 'there is no unshare' }, expected, 1)).toMatchObject({
    verdict: null,
    stopped: false,
    why: 'it could not be tried here: there is no unshare',
  })
})

test('what was done before it was seen is stopped only where it was put back', () => {
  const wanted = { ...expected, isPutBack: true } as const
  const answer = { verdict: 'block', findings: [finding] } as const
  expect(attemptOf('gate --', answer, wanted, 1)).toMatchObject({
    stopped: false,
    why: expect.stringContaining('stays so'),
  })
  expect(attemptOf('gate --', { ...answer, restored: ['/srv/.env'] }, wanted, 1)).toMatchObject({
    stopped: true,
    isPutBack: true,
  })
})
