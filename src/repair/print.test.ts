import { expect, test } from 'vitest'
import type { JournalEntry, Phase, Plan } from '../core/plan.ts'
import { undoOf } from '../plans/undo-of.ts'
import { printJournal, printPlan, type PlanStyle } from './print.ts'
import { planOf } from './testing/plans.ts'

const same = (text: string): string => text
const plain: PlanStyle = { strong: same, faint: same, good: same, warning: same, bad: same, name: same }
const textOf = (plan: Plan, width = 200): string => printPlan(plan, plain, width).join('\n')

const line = (n: number, phase: Phase, output: JournalEntry['output'] = {}): JournalEntry => ({
  plan: 'p-1',
  epoch: 1,
  n,
  phase,
  atMs: Date.parse('2026-03-05T09:04:01.250Z'),
  output,
})

test('a plan says what it is for, until when it may be begun, and of each step where it acts and its way back', () => {
  expect(textOf(planOf())).toBe(`Plan p-1: publish-table, subscriber:public.user_credentials in cluster auth
  made from what was seen at 2026-03-05T09:04:00.000Z; it is begun before 2026-03-05T09:19:00.000Z, or made again

Steps
  1. [subscriber] see that public.user_credentials is an ordinary table and has no row (at most 15 s)
     undo: empty public.user_credentials on subscriber again, if primary has all of its rows
  2. [subscriber] see that subscription sub works and does not carry public.user_credentials (at most 15 s)
     undo: alter subscription sub refresh publication, so that it forgets public.user_credentials
  3. [primary] alter publication pub add table public.user_credentials (at most 15 s)
     undo: alter publication pub drop table public.user_credentials
  4. [subscriber] alter subscription sub refresh publication (at most 60 s)
     no undo: it is taken back with step 2
  5. [subscriber] wait until the first copy of public.user_credentials is finished (at most 600 s)
     undo: compare once more: public.user_credentials is emptied only if primary has all of its rows
  6. [subscriber] compare all rows of public.user_credentials with those of primary, behind a fence (at most 600 s)
     no undo: it only read`)
})

test('what speaks against a plan stands before its steps, with its evidence', () => {
  const refused = textOf(planOf({ rows: 3 }))
  expect(refused).toContain('Refused: nothing will be done\n  rows-in-the-way: public.user_credentials has 3 rows')
  expect(refused).toContain('    node = subscriber, rows = 3')
  expect(refused.indexOf('Refused')).toBeLessThan(refused.indexOf('Steps'))
  expect(textOf(planOf({ rows: null }))).toContain('rows = null')
})

test('an undoing plan names the plan that it takes back, never expires, and lists what stays', () => {
  const done = planOf().steps.map(({ n }) => line(n, 'done'))
  const text = textOf(undoOf(planOf(), done))
  expect(text).toContain('Plan p-1-undo-6: takes back plan p-1, subscriber:public.user_credentials')
  expect(text).toContain('it does not expire')
  expect(text).not.toContain('undo:')
  expect(text).toContain('Without a step back of their own\n  6. compare all rows')
})

test('a journal is told line by line, and ends with how the plan stands', () => {
  const journal = [
    ...[1, 2].flatMap((n) => [line(n, 'begun'), line(n, 'done', { rows: 0 })]),
    line(3, 'begun'),
    line(3, 'failed', { error: 'must be owner of publication pub', effect: 'not-done' }),
  ]
  const lines = printJournal(planOf(), journal, plain, 200)
  expect(lines).toHaveLength(7)
  expect(lines.slice(-3)).toEqual([
    '2026-03-05T09:04:01.250Z failed  3. alter publication pub add table public.user_credentials (0 ms)',
    '    error = must be owner of publication pub, effect = not-done',
    'p-1: begun, and neither finished nor taken back: resume it, or take it back',
  ])
  const begun = printJournal(planOf(), journal.slice(0, -1), plain, 200)
  expect(begun.at(-2)).toBe(
    '2026-03-05T09:04:01.250Z begun   3. alter publication pub add table public.user_credentials',
  )
  expect(printJournal(planOf(), [], plain, 200)).toEqual(['p-1: nothing has been done'])
})

test('long texts are broken at spaces, and what a terminal would obey is shown instead', () => {
  const lines = printPlan(planOf({ table: 'bad\u001b[2Jname', rows: 3 }), plain, 60)
  expect(lines.join('\n')).not.toContain('\u001b')
  expect(lines.join('\n')).toContain('bad\\u001b[2Jname')
  for (const each of lines.slice(1)) expect(each.length).toBeLessThanOrEqual(60)
})
