import type { ChunkVerdict } from './compare-table.ts'
import { compareSides } from './compare-table.ts'
import type { TouchedAnswer, TouchedQuestion } from './touched-answer.ts'
import { answer, equal } from './touched-answer.ts'
import type { TouchedTable } from './touched-table.ts'

/** A table that is never quiet as a whole has rows that are. */
export async function byRows(touched: TouchedTable, { fence, signal }: TouchedQuestion): Promise<TouchedAnswer> {
  const rows = await touched.byRows(fence.passive, signal)
  if (rows === null)
    return answer(touched, {
      verdict: 'unverifiable',
      detail: 'it changes faster than it can be compared as a whole, and has no key to compare it by rows',
      remedy: 'Give it a primary key, or a unique index over columns that are not null.',
    })
  const budget = { fenceMs: fence.deadlineMs, passiveFence: fence.passive, after: rows.after, mostDiffering: 100 }
  const verdicts: ChunkVerdict[] = []
  for await (const verdict of compareSides(rows.comparison, budget, signal)) {
    verdicts.push(verdict)
    if (verdict.verdict === 'divergent') break
  }
  await touched.recountScans(signal)
  const { verdict, detail } = summaryOf(verdicts)
  if (verdict === 'equal') return equal(touched)
  return answer(touched, { verdict, detail: verdict === 'different' ? await touched.whyDifferent(signal) : detail })
}

/** The worst of the chunks. */
function summaryOf(verdicts: readonly ChunkVerdict[]): Pick<TouchedAnswer, 'verdict' | 'detail'> {
  const first = (wanted: ChunkVerdict['verdict']): ChunkVerdict | undefined =>
    verdicts.find(({ verdict }) => verdict === wanted)
  if (first('divergent')) return { verdict: 'different', detail: null }
  const lagging = first('lagging')
  if (lagging) return { verdict: 'lagging', detail: lagging.detail }
  const unread = first('corrupt') ?? first('unverifiable')
  if (unread) return { verdict: 'unverifiable', detail: unread.detail }
  const unsettled = verdicts.reduce((sum, chunk) => sum + chunk.unsettled, 0)
  if (unsettled === 0) return { verdict: 'equal', detail: null }
  return { verdict: 'unverifiable', detail: `${unsettled} rows change faster than they can be compared` }
}
