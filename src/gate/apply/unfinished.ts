import { AntemortemError } from '../../core/error.ts'
import type { JournalEntry, Plan } from '../../core/plan.ts'
import { hasEffect, isUnclear, lastOf } from '../../store/standing.ts'
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
    const journal = await store.journal(plan.id)
    // One that failed before it did anything is nothing to go on with: the cluster may be another one by now.
    if (changeOf(plan) === change && (undo || hasBegun(plan, journal) || journal.at(-1)?.phase !== 'failed'))
      return { plan, undo }
    if (undo || (hasBegun(plan, journal) && !isWhole(plan, journal))) found.push({ plan, undo })
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

const acting = new Set(['gate-transaction', 'gate-statement', 'gate-write-file', 'gate-reload'])
const actingSteps = ({ steps }: Plan): Plan['steps'] => steps.filter(({ kind }) => acting.has(kind))

/** Something that changes the cluster was done, or may have been. */
function hasBegun(plan: Plan, journal: readonly JournalEntry[]): boolean {
  const last = lastOf(journal)
  return actingSteps(plan).some(({ n }) => hasEffect(last.get(n)) || isUnclear(last.get(n)))
}

function isWhole(plan: Plan, journal: readonly JournalEntry[]): boolean {
  const last = lastOf(journal)
  return actingSteps(plan).every(({ n }) => last.get(n)?.phase === 'done')
}
