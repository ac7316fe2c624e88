import type { JournalEntry, Plan } from '../core/plan.ts'
import { hold, thisProcess } from '../store/hold.ts'
import type { Held } from '../store/hold.ts'
import { lastOf } from '../store/standing.ts'
import type { Doer, Output, PlanDeps } from './doer.ts'
import { oneStep } from './one-step.ts'
import { alreadyBegun, beingUndone, busy, doersOf, interrupted, refuse, unknownPlan } from './refuse.ts'

/** As long as a person waits who resumes after a crash; a heart beats three times in it. */
const leaseTtlMs = 10_000

/**
 * The only loop that acts. Yields each journal entry once it is on the disk. It ends after the first step that failed, whose
 * entry is then the last: the caller decides between resuming and `undoOf`. It throws before anything is done when the plan
 * is refused or expired, and after a step of which nobody can see whether it was done (exit 4).
 */
export async function* carryOut(
  plan: Plan,
  doers: readonly Doer[],
  deps: PlanDeps,
): AsyncGenerator<JournalEntry, void> {
  refuse(plan, deps.clock())
  const byKind = doersOf(plan, doers)
  const held = await lease(plan, deps)
  try {
    if ((await deps.store.journal(plan.id)).length > 0) throw alreadyBegun(plan)
    const rival = await openUndoOf(plan.undoes ?? plan.id, plan, deps)
    if (rival) throw beingUndone(plan, rival.id)
    await deps.store.savePlan(plan)
    yield* steps(plan, byKind, [], held, deps)
  } finally {
    await held.release()
  }
}

/** Goes on where a plan was left, by whomever: finished steps are never repeated, an unfinished one is looked at first. */
export async function* resume(
  planId: string,
  doers: readonly Doer[],
  deps: PlanDeps,
): AsyncGenerator<JournalEntry, void> {
  const plan = await deps.store.plan(planId)
  if (!plan) throw unknownPlan(planId)
  const byKind = doersOf(plan, doers)
  const held = await lease(plan, deps)
  try {
    // Read under the lease: until then its former holder may have written.
    const journal = await deps.store.journal(plan.id)
    if (journal.length === 0) refuse(plan, deps.clock())
    const undone = journal.find(({ phase }) => phase === 'undone')
    const by = undone ? String(undone.output['by']) : (await openUndoOf(plan.undoes ?? plan.id, plan, deps))?.id
    if (by !== undefined) throw beingUndone(plan, by)
    yield* steps(plan, byKind, journal, held, deps)
  } finally {
    await held.release()
  }
}

async function lease(plan: Plan, deps: PlanDeps): Promise<Held> {
  try {
    return await hold(deps.store, {
      // By subject: two plans for one table must not act at once.
      name: `plan:${plan.subject || plan.id}`,
      holder: deps.holder ?? thisProcess(),
      ttlMs: deps.leaseTtlMs ?? leaseTtlMs,
      ...(deps.signal && { signal: deps.signal }),
      busy: (other) => busy(plan, other),
    })
  } catch (error) {
    throw deps.signal?.aborted ? interrupted(plan, plan.steps[0]?.n ?? 1) : error
  }
}

/** Another plan that has begun to take the same one back. */
async function openUndoOf(id: string, self: Plan, deps: PlanDeps): Promise<Plan | undefined> {
  const open = await deps.store.plans({ open: true })
  return open.find((other) => other.undoes === id && other.id !== self.id)
}

async function* steps(
  plan: Plan,
  doers: ReadonlyMap<string, Doer>,
  journal: readonly JournalEntry[],
  held: Held,
  deps: PlanDeps,
): AsyncGenerator<JournalEntry, void> {
  const last = lastOf(journal)
  const outputs = doneOutputs(journal)
  const undoing = doneOutputs(plan.undoes === undefined ? [] : await deps.store.journal(plan.undoes))
  for (const step of plan.steps) {
    if (last.get(step.n)?.phase === 'done') continue
    held.lost.throwIfAborted()
    if (deps.signal?.aborted) throw interrupted(plan, step.n)
    const doer = doers.get(step.kind)
    // `doersOf` has looked already.
    if (!doer) continue
    const wasBegun = journal.some(({ n, phase }) => n === step.n && phase === 'begun')
    const ended = yield* oneStep({ plan, held, deps, outputs, undoing }, doer, step, wasBegun)
    if (ended !== 'done') return
  }
}

const doneOutputs = (journal: readonly JournalEntry[]): Map<number, Output> =>
  new Map(journal.filter(({ phase }) => phase === 'done').map(({ n, output }) => [n, output]))
