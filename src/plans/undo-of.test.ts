import { expect, test } from 'vitest'
import type { JournalEntry, Phase } from '../core/plan.ts'
import { linePlan } from './testing/lines.ts'
import { undoOf } from './undo-of.ts'

const line = (n: number, phase: Phase, output: JournalEntry['output'] = {}): JournalEntry => ({
  plan: 'p-1',
  epoch: 1,
  n,
  phase,
  atMs: 1,
  output,
})
const numbers = (steps: readonly { readonly n: number }[]): number[] => steps.map(({ n }) => n)

test('what was done is taken back, the last first, under the numbers of its steps', () => {
  const undo = undoOf(linePlan(), [line(1, 'done'), line(2, 'begun'), line(2, 'done'), line(3, 'done')])
  expect(undo.steps.map(({ n, input, idempotent }) => [n, input['text'], idempotent])).toEqual([
    [3, 'undo 3', 'check-first'],
    [2, 'undo 2', 'check-first'],
    [1, 'undo 1', 'check-first'],
  ])
  expect(undo).toMatchObject({
    id: 'p-1-undo-4',
    undoes: 'p-1',
    subject: linePlan().subject,
    refusals: [],
    notUndone: [],
  })
  expect(new Date(undo.basis.expiresMs).getTime()).toBe(undo.basis.expiresMs)
})

test('what cannot be undone is listed with its reason', () => {
  const undo = undoOf(linePlan(3, [2]), [line(1, 'done'), line(2, 'done'), line(3, 'done')])
  expect(numbers(undo.steps)).toEqual([3, 1])
  expect(undo.notUndone).toEqual([{ n: 2, words: 'adds do 2', why: 'line 2 stays' }])
})

test('a step of which nobody knows the end is not taken back blindly', () => {
  for (const phase of ['begun', 'unknown'] as const) {
    const undo = undoOf(linePlan(), [line(1, 'done'), line(2, phase)])
    expect(numbers(undo.steps)).toEqual([1])
    expect(undo.notUndone).toMatchObject([{ n: 2, why: expect.stringContaining('look first') }])
  }
})

test('a failed step is taken back when its probe saw an effect', () => {
  const failed = (effect: string) => undoOf(linePlan(), [line(1, 'done'), line(2, 'failed', { error: 'x', effect })])
  expect(numbers(failed('done').steps)).toEqual([2, 1])
  expect(numbers(failed('not-done').steps)).toEqual([1])
  expect(failed('not-done').notUndone).toEqual([])
})

test('what is undone already, and what was never begun, is left alone', () => {
  expect(undoOf(linePlan(), [line(1, 'done'), line(2, 'done'), line(2, 'undone')]).steps).toMatchObject([{ n: 1 }])
  expect(undoOf(linePlan(), []).steps).toEqual([])
})
