import { AntemortemError } from '../../../core/error.ts'
import type { ClusterConfig } from '../../../core/configuration.ts'
import { carryOut } from '../../../plans/carry-out.ts'
import type { PlanDeps } from '../../../plans/doer.ts'
import { fileOf, newlyFailing } from '../newly-failing.ts'
import type { Wrapped } from '../wrapped.ts'
import type { ChangedFile } from './plan-restore.ts'
import { planRestore } from './plan-restore.ts'
import { restoreDoer } from './restore-doer.ts'

export interface Restored {
  /** The plan: its journal has each step. */
  readonly plan: string
  readonly files: readonly string[]
  /** What was not put back, and why; null where all was. */
  readonly problem: string | null
}

/** Files that nobody declared, with which an instance can no longer connect. Pure. */
export function toRestore(wrapped: Wrapped, changed: readonly ChangedFile[]): readonly ChangedFile[] {
  const guilty = new Set(
    newlyFailing(wrapped).flatMap(({ fact }) => {
      const file = fileOf(wrapped.files, fact)
      return file && !file.isAllowed ? [file.file] : []
    }),
  )
  return changed.filter(({ before }) => guilty.has(before.file))
}

/** Puts them back, step by step in the journal; what cannot be put back is told, and nothing of it is lost. */
export async function restoreFiles(
  changed: readonly ChangedFile[],
  about: { readonly id: string; readonly cluster: ClusterConfig },
  deps: PlanDeps,
): Promise<Restored> {
  const plan = planRestore(changed, { id: about.id, cluster: about.cluster.name, atMs: deps.clock() })
  const done: string[] = []
  let problem: string | null = null
  try {
    for await (const { n, phase, output } of carryOut(plan, [restoreDoer], deps)) {
      const file = changed[n - 1]?.before.file
      if (phase === 'done' && file !== undefined) done.push(file)
      if (phase === 'failed' || phase === 'unknown') problem = String(output['error'] ?? 'it failed')
    }
  } catch (error) {
    if (!(error instanceof AntemortemError)) throw error
    problem = error.message
  }
  return { plan: plan.id, files: done, problem }
}
