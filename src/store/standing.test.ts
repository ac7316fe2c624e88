import { expect, test } from 'vitest'
import type { JournalEntry, Phase, Plan, Undo } from '../core/plan.ts'
import { standing } from './standing.ts'

const undoable: Undo = { step: { kind: 'back', words: 'takes it back', node: null, input: {}, deadlineMs: 1 } }
const plan = (...undos: readonly Undo[]): Plan => ({
  id: 'p',
  kind: 'test',
  subject: 's',
  cluster: 'auth',
  basis: { fingerprint: 'f', atMs: 1, expiresMs: 2 },
  steps: undos.map((undo, index) => {
    const head = { n: index + 1, kind: 'go', words: 'goes', node: null, input: {} }
    return { ...head, idempotent: 'check-first', undo, deadlineMs: 1 }
  }),
  refusals: [],
})
const two = plan(undoable, undoable)
const half = plan({ none: 'rows are gone' }, undoable)
const line = (n: number, phase: Phase, output: JournalEntry['output'] = {}): JournalEntry => ({
  plan: 'p',
  epoch: 1,
  n,
  phase,
  atMs: 1,
  output,
})

test.each([
  ['nothing was begun', 'planned', two, []],
  ['a step was begun without an end', 'open', two, [line(1, 'begun')]],
  ['the first of two is done', 'open', two, [line(1, 'begun'), line(1, 'done')]],
  ['both are done', 'done', two, [line(1, 'done'), line(2, 'done')]],
  ['nobody can see whether it was done', 'open', two, [line(1, 'unknown')]],
  [
    'the first failed without an effect: there is nothing to take back',
    'undone',
    two,
    [line(1, 'failed', { effect: 'not-done' })],
  ],
  ['the first failed and had its effect', 'open', two, [line(1, 'failed', { effect: 'done' })]],
  ['the second failed', 'open', two, [line(1, 'done'), line(2, 'failed', { effect: 'not-done' })]],
  ['the second is undone, the first not yet', 'open', two, [line(1, 'done'), line(2, 'done'), line(2, 'undone')]],
  ['both are undone', 'undone', two, [line(1, 'done'), line(2, 'done'), line(2, 'undone'), line(1, 'undone')]],
  ['what can be undone is', 'undone', half, [line(1, 'done'), line(2, 'done'), line(2, 'undone')]],
  ['what cannot be undone is done, and the rest was not', 'open', half, [line(1, 'done')]],
] as const)('%s: %s', (_, expected, of, journal) => {
  expect(standing(of, journal)).toBe(expected)
})
