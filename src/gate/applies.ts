import type { ApplyResult } from './rehearsal.ts'

type Counts = Pick<ApplyResult, 'before' | 'polls'>

/** Judged by growth over polls: in a crash loop single looks are green, and a planned restart counts one by itself. */
export function isStuck({ polls }: Counts): boolean {
  const [last, previous] = [polls.at(-1), polls.at(-2)]
  return last !== undefined && previous !== undefined && last > previous
}

export const errorsOf = ({ before, polls }: Counts): number => (polls.at(-1) ?? before) - before

/** Nodes on which nothing arrives any more, whatever the table. */
export const stuckNodes = (applies: readonly ApplyResult[]): ReadonlySet<string> =>
  new Set(applies.filter(isStuck).map(({ node }) => node))
