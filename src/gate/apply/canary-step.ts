import type { Step } from '../../core/plan.ts'

const limits = {
  canaryMs: { default: 180_000, unit: 'ms', why: 'a minute for the slowest node, and a commit that is looked up' },
} as const

/**
 * Where contracts name tables as their own (`schema.table`): their rows are written before the change, so that what does not
 * arrive anyway is not held against it. It is last to be taken back, by which the way back is tested as the change was.
 */
export const canarySteps = (tables: readonly string[]): readonly Omit<Step, 'n'>[] =>
  tables.length === 0
    ? []
    : [
        {
          kind: 'gate-canary',
          words: `write a row of our own into ${tables.join(', ')}, made for this, and see it on every node that follows`,
          node: null,
          // The row is ours and stays: writing it once more leaves nothing else.
          input: { rollback: 'R0' },
          idempotent: 'yes',
          deadlineMs: limits.canaryMs.default,
          undo: {
            step: {
              kind: 'gate-canary-back',
              words: `write a row of our own into ${tables.join(', ')} once more, and see it where it showed before`,
              node: null,
              input: {},
              deadlineMs: limits.canaryMs.default,
            },
          },
        },
      ]
