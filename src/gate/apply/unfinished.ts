import { AntemortemError } from '../../core/error.ts'
import type { JournalEntry, Plan } from '../../core/plan.ts'
import { lastOf } from '../../store/standing.ts'
import type { Store } from '../../store/store.ts'
import { planKind } from './plan.ts'

/** A change that was begun and neither finished nor taken back; `undo`: its way back was begun as well. */
export interface Unfinished {
  readonly plan: Plan
  readonly undo: Plan | null
}

/**
 * What a run before left of this change. What it left of another one is said, and nothing else is begun meanwhile; where that
 * one has been applied whole and only its tests have failed, this one may be what mends it.
 */
export async function unfinished(
  store: Pick<Store, 'plans' | 'plan' | 'journal'>,
  { cluster, change, left }: { cluster: string; change: string; left: (plan: string) => Promise<boolean> },
): Promise<Unfinished | null> {
  const open = (await store.plans({ open: true })).filter((plan) => plan.kind === planKind && plan.cluster === cluster)
  const found: Unfinished[] = []
  for (const each of open) {
    const plan = each.undoes === undefined ? each : await store.plan(each.undoes)
    if (!plan || (await left(plan.id))) continue
    const undo = open.find(({ undoes }) => undoes === plan.id) ?? null
    if (changeOf(plan) === change) return { plan, undo }
    if (undo || isHalfDone(plan, await store.journal(plan.id))) found.push({ plan, undo })
  }
  const [other] = found
  if (!other) return null
  throw new AntemortemError(
    'change-unfinished',
    `another change is half done in ${cluster}: plan ${other.plan.id}`,
    `Finish it with the command that began it, take it back (antemortem mend undo ${other.plan.id}), or leave it as it is: --leave ${other.plan.id}.`,
    { exit: 4 },
  )
}

const changeOf = ({ steps }: Plan): unknown => steps[0]?.input['change']

/** A step of it that changes something has not been done. */
function isHalfDone({ steps }: Plan, journal: readonly JournalEntry[]): boolean {
  const last = lastOf(journal)
  return steps.some(({ kind, n }) => acting.has(kind) && last.get(n)?.phase !== 'done')
}

const acting = new Set(['gate-transaction', 'gate-statement'])
