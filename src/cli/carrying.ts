import { AntemortemError } from '../core/error.ts'
import type { JournalEntry, Plan } from '../core/plan.ts'
import { undoOf } from '../plans/undo-of.ts'
import { hasEffect, isUnclear, lastOf } from '../store/standing.ts'
import type { Store } from '../store/store.ts'
import type { CommandContext } from './command.ts'

/** A plan that is carried out, and the commands that go on with it or take it back. */
export interface Carried {
  readonly plan: Plan
  readonly store: Store
  /** Without the program's name and the plan's. */
  readonly resume: string
  readonly undo: string
}

/** Prints each entry once it is on the disk. The last one decides: a failed step is exit 4, with the next commands. */
export async function follow(
  entries: AsyncIterable<JournalEntry>,
  { plan, store, resume, undo }: Carried,
  { format, out, style }: CommandContext,
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
    `Go on: ${style.name(`antemortem ${resume} ${plan.id}`)}${back ? `   or take it back: ${style.name(`antemortem ${undo} ${plan.id}`)}` : ''}`,
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
