import { AntemortemError } from '../../core/error.ts'
import type { JournalEntry, Plan } from '../../core/plan.ts'
import { undoOf } from '../../plans/undo-of.ts'
import { hasEffect, isUnclear, lastOf } from '../../store/standing.ts'
import type { Store } from '../../store/store.ts'
import type { CommandContext } from '../command.ts'

/** How a command line goes on with a plan, and how it takes one back. */
interface Words {
  readonly goOn: string
  readonly back: string
}

/** Prints each entry once it is on the disk. The last one decides: a failed step is exit 4, with the next commands. */
export async function follow(
  entries: AsyncIterable<JournalEntry>,
  plan: Plan,
  store: Store,
  { format, out, style }: CommandContext,
  words: Words,
): Promise<0 | 4> {
  const all: JournalEntry[] = []
  for await (const entry of entries) {
    all.push(entry)
    const step = plan.steps.find(({ n }) => n === entry.n)?.words ?? ''
    const mark =
      entry.phase === 'done'
        ? style.good('done   ')
        : entry.phase === 'failed'
          ? style.bad('FAILED ')
          : style.faint(entry.phase.padEnd(7))
    if (entry.phase !== 'begun')
      out.line(
        `${mark} ${entry.n}  ${step}${entry.phase === 'failed' ? `: ${String(entry.output['error'] ?? '')}` : ''}`,
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

/** The plan that takes one back; what stays is told. */
export function undoing(plan: Plan, journal: readonly JournalEntry[], { out, style }: CommandContext): Plan {
  const undo = undoOf(plan, journal)
  if (undo.steps.length === 0)
    throw new AntemortemError(
      'usage',
      `plan ${plan.id} has done nothing that could be taken back`,
      'antemortem mend list shows what is open.',
      { exit: 2 },
    )
  for (const { words, why } of undo.notUndone ?? []) out.line(style.faint(`stays: ${words} (${why})`))
  return undo
}
