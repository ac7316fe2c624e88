import { AntemortemError } from '../core/error.ts'
import type { JournalEntry, Phase, Plan, Step } from '../core/plan.ts'
import { redact } from '../core/redact.ts'
import type { Held } from '../store/hold.ts'
import type { Doer, Output, PlanDeps, Probed, StepContext } from './doer.ts'
import { unclear } from './refuse.ts'
import { GivenUp, within } from './within.ts'

/** A plan under way, and what its steps share. */
export interface PlanRun {
  readonly plan: Plan
  readonly held: Held
  readonly deps: PlanDeps
  readonly outputs: Map<number, Output>
  readonly undoing: ReadonlyMap<number, Output>
}

/**
 * One step: looked at where it was begun before, then begun, done and journalled. The last entry that it yields says how it
 * ended; nothing is yielded that is not on the disk.
 */
export async function* oneStep(
  planRun: PlanRun,
  doer: Doer,
  step: Step,
  wasBegun: boolean,
): AsyncGenerator<JournalEntry, Phase> {
  const { plan, held } = planRun
  const run = <T>(work: (context: StepContext) => Promise<T>): Promise<T> =>
    within(step.deadlineMs, held.lost, (signal) =>
      work({ plan, signal, clock: planRun.deps.clock, outputs: planRun.outputs, undoing: planRun.undoing }),
    )
  const look = (): Promise<Seen> => seen(() => run((context) => doer.probe(step, context)))

  // A step that was only refused did nothing: what is there now is somebody else's, and the precondition looks at it.
  let isUnclear = false
  if (wasBegun) {
    const { probed, why } = await look()
    if (probed === 'done') return yield* end('done', { probed: true })
    // A step that may be repeated without harm needs no answer.
    isUnclear = probed === 'cannot-see'
    if (isUnclear && step.idempotent !== 'yes') return yield* stuck(why)
  }
  const refusal = await run(async (context) => (await doer.precondition?.(step, context)) ?? null).catch(refusalOf)
  if (refusal) {
    const effect: Output = isUnclear ? {} : { effect: 'not-done' }
    return yield* end('failed', { ...refusalOutput(refusal), ...effect })
  }

  yield await journalled(planRun, step, 'begun', {})
  let output: Output
  try {
    output = await run((context) => doer.do(step, context))
  } catch (error) {
    const { probed, why } =
      error instanceof GivenUp ? { probed: 'cannot-see' as const, why: wordsOf(error) } : await look()
    if (probed === 'cannot-see') return yield* stuck(`${wordsOf(error)}; ${why}`)
    return yield* end('failed', { error: wordsOf(error), ...hintOf(error), effect: probed })
  }
  return yield* end('done', output)

  async function* end(phase: 'done' | 'failed', output: Output): AsyncGenerator<JournalEntry, Phase> {
    yield await journalled(planRun, step, phase, output)
    return phase
  }

  async function* stuck(why: string): AsyncGenerator<JournalEntry, never> {
    yield await journalled(planRun, step, 'unknown', { error: why })
    throw unclear(plan, step.n, step.words, why)
  }
}

interface Seen {
  readonly probed: Probed
  readonly why: string
}

/** A probe that fails has seen nothing. */
async function seen(probe: () => Promise<Probed>): Promise<Seen> {
  try {
    return { probed: await probe(), why: 'the probe could not see it' }
  } catch (error) {
    return { probed: 'cannot-see', why: `the probe failed: ${wordsOf(error)}` }
  }
}

interface Refused {
  readonly id: string
  readonly why: string
  readonly hint?: Output
}

const refusalOf = (error: unknown): Refused => ({
  id: 'precondition-unseen',
  why: `its precondition could not be looked at: ${wordsOf(error)}`,
  hint: hintOf(error),
})

const refusalOutput = ({ id, why, hint }: Refused): Output => ({ error: redact(why), ...hint, refusal: id })

const wordsOf = (error: unknown): string => redact(error instanceof Error ? error.message : String(error))

/** What to do about it, for whoever reads the journal later. */
const hintOf = (error: unknown): Output => (error instanceof AntemortemError ? { hint: redact(error.hint) } : {})

/** In a plan that undoes another, the step of that other is marked in the same transaction. */
async function journalled(planRun: PlanRun, step: Step, phase: Phase, output: Output): Promise<JournalEntry> {
  const { plan, held, deps } = planRun
  const entry = { plan: plan.id, epoch: held.lease.epoch, n: step.n, phase, atMs: deps.clock(), output }
  const undone: JournalEntry[] =
    plan.undoes !== undefined && phase === 'done'
      ? [{ ...entry, plan: plan.undoes, phase: 'undone', output: { by: plan.id } }]
      : []
  await deps.store.journalAppend(held.lease, entry, ...undone)
  if (phase === 'done') planRun.outputs.set(step.n, output)
  return entry
}
