import { AntemortemError } from '../../core/error.ts'
import type { Plan } from '../../core/plan.ts'
import type { Store } from '../../store/store.ts'
import { planKind } from './plan.ts'

/** A change that was begun and neither finished nor taken back; `undo`: its way back was begun as well. */
export interface Unfinished {
  readonly plan: Plan
  readonly undo: Plan | null
}

/** What a run before left of this change. What it left of another one is said, and nothing else is begun meanwhile. */
export async function unfinished(
  store: Pick<Store, 'plans' | 'plan'>,
  { cluster, change }: { readonly cluster: string; readonly change: string },
): Promise<Unfinished | null> {
  const open = (await store.plans({ open: true })).filter((plan) => plan.kind === planKind && plan.cluster === cluster)
  const undo = open.find(({ undoes }) => undoes !== undefined) ?? null
  const plan = undo?.undoes === undefined ? open[0] : await store.plan(undo.undoes)
  if (!plan) return null
  if (plan.steps[0]?.input['change'] === change) return { plan, undo }
  throw new AntemortemError(
    'change-unfinished',
    `another change is half done in ${cluster}: plan ${plan.id}`,
    `Finish it with the command that began it, or take it back: antemortem mend undo ${plan.id}.`,
    { exit: 4 },
  )
}
