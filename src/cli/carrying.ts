import { AntemortemError } from '../core/error.ts'
import { onlyRead, type JournalEntry, type Plan } from '../core/plan.ts'
import { carryOut, resume } from '../plans/carry-out.ts'
import type { Doer, PlanDeps } from '../plans/doer.ts'
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

type CarryDeps = PlanDeps & { readonly store: Store }

/** Prints each entry once it is on the disk. The last one decides: a failed step is exit 4, with the next commands. */
export async function follow(
  entries: AsyncIterable<JournalEntry>,
  { plan, store, resume: goOn, undo: back }: Carried,
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
    // What a step has to say that did not make it fail.
    if (entry.phase === 'done' && typeof entry.output['told'] === 'string')
      for (const line of entry.output['told'].split('\n')) out.line(style.faint(`           ${line}`))
  }
  const failed = all.some(({ phase }) => phase === 'failed' || phase === 'unknown')
  if (format === 'json') out.json({ plan: plan.id, ok: !failed, journal: all })
  if (!failed) return 0
  const hint = all.at(-1)?.output['hint']
  if (typeof hint === 'string') out.line(hint)
  const journal = await store.journal(plan.id)
  const left = [...lastOf(journal).values()].some((entry) => hasEffect(entry) || isUnclear(entry))
  if (!left) out.line(style.faint('Nothing was done.'))
  const isWayBack = undoOf(plan, journal).steps.length > 0
  out.line(
    `Go on: ${style.name(`antemortem ${goOn} ${plan.id}`)}${isWayBack ? `   or take it back: ${style.name(`antemortem ${back} ${plan.id}`)}` : ''}`,
  )
  return 4
}

/** The commands that go on with a plan or take it back, without the program's name and the plan's. */
export type Commands = Pick<Carried, 'resume' | 'undo'>

/** Begins a plan, or goes on where it was left: whoever types the same once more means the same. */
export async function apply(
  plan: Plan,
  doers: readonly Doer[],
  deps: CarryDeps,
  commands: Commands,
  context: CommandContext,
): Promise<0 | 4> {
  const isBegun = (await deps.store.journal(plan.id)).length > 0
  const entries = isBegun ? resume(plan.id, doers, deps) : carryOut(plan, doers, deps)
  return follow(entries, { plan, store: deps.store, ...commands }, context)
}

/** Takes a plan back, or goes on with a way back that was begun; what stays is told. */
export async function undo(
  plan: Plan,
  doers: readonly Doer[],
  deps: CarryDeps,
  commands: Commands,
  context: CommandContext,
): Promise<0 | 4> {
  const { store } = deps
  const open = (await store.plans({ open: true })).find(({ undoes }) => undoes === (plan.undoes ?? plan.id))
  const back = open ?? undoOf(plan, await store.journal(plan.id))
  if (back.steps.length === 0)
    throw new AntemortemError(
      'usage',
      `plan ${plan.id} has done nothing that could be taken back`,
      'antemortem mend list shows what is open.',
      { exit: 2 },
    )
  const { out, style } = context
  // That nothing is to be taken back of a look goes without saying.
  for (const { words, why } of (back.notUndone ?? []).filter((each) => each.why !== onlyRead))
    out.line(style.faint(`stays: ${words} (${why})`))
  const entries = open ? resume(back.id, doers, deps) : carryOut(back, doers, deps)
  // What goes on with the way back is the same command.
  return follow(entries, { plan: back, store, resume: commands.undo, undo: commands.undo }, context)
}
