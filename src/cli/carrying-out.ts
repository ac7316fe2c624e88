import type { ClusterConfig } from '../core/configuration.ts'
import type { JournalEntry, Plan } from '../core/plan.ts'
import type { Doer } from '../plans/doer.ts'
import { undoOf } from '../plans/undo-of.ts'
import { doersOf } from '../repair/doers.ts'
import { reachOf } from '../repair/reach.ts'
import { keepUndo } from '../repair/rows/files.ts'
import { rowDoersOf } from '../repair/rows/doers.ts'
import { keptIn, rowsReachOf } from '../repair/rows/reach.ts'
import { hasEffect, isUnclear, lastOf } from '../store/standing.ts'
import type { Store } from '../store/store.ts'
import type { CommandContext } from './command.ts'

/** Of every kind of plan: whatever was begun can be resumed and taken back by either command. */
export function allDoers(cluster: ClusterConfig, store: Store, directory: string): readonly Doer[] {
  const kept = keptIn(store, (plan, n, rows) => keepUndo(directory, plan, n, rows))
  return [...doersOf(reachOf(cluster)), ...rowDoersOf(rowsReachOf(cluster, kept))]
}

interface Words {
  readonly goOn: string
  readonly back: string
}

const mendWords: Words = { goOn: 'antemortem mend resume', back: 'antemortem mend undo' }

/** Prints each entry once it is on the disk. The last one decides: a failed step is exit 4, with the next commands. */
export async function follow(
  entries: AsyncIterable<JournalEntry>,
  plan: Plan,
  store: Store,
  { format, out, style }: CommandContext,
  words: Words = mendWords,
): Promise<0 | 4> {
  const all: JournalEntry[] = []
  for await (const entry of entries) {
    all.push(entry)
    const words = plan.steps.find(({ n }) => n === entry.n)?.words ?? ''
    const mark =
      entry.phase === 'done'
        ? style.good('done   ')
        : entry.phase === 'failed'
          ? style.bad('FAILED ')
          : style.faint(entry.phase.padEnd(7))
    if (entry.phase !== 'begun')
      out.line(
        `${mark} ${entry.n}  ${words}${entry.phase === 'failed' ? `: ${String(entry.output['error'] ?? '')}` : ''}`,
      )
  }
  const failed = all.some(({ phase }) => phase === 'failed' || phase === 'unknown')
  if (format === 'json') out.json({ plan: plan.id, ok: !failed, journal: all })
  if (!failed) return 0
  const hint = all.at(-1)?.output['hint']
  if (typeof hint === 'string') out.line(hint)
  const journal = await store.journal(plan.id)
  const left = [...lastOf(journal).values()].some((entry) => hasEffect(entry) || isUnclear(entry))
  if (!left) out.line(style.faint('Nothing was done.'))
  const back = undoOf(plan, journal).steps.length > 0
  out.line(
    `Go on: ${style.name(`${words.goOn} ${plan.id}`)}${back ? `   or take it back: ${style.name(`${words.back} ${plan.id}`)}` : ''}`,
  )
  return 4
}
