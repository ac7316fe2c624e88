import { AntemortemError } from '../../../core/error.ts'
import type { ClusterConfig } from '../../../core/configuration.ts'
import { carryOut } from '../../../plans/carry-out.ts'
import type { PlanDeps } from '../../../plans/doer.ts'
import { fileOf, newlyFailing } from '../newly-failing.ts'
import type { Wrapped } from '../wrapped.ts'
import { restoreConnectionDoer } from '../connections/restore-connection.ts'
import type { RewrittenConnection } from '../connections/rewritten.ts'
import type { ChangedFile } from './plan-restore.ts'
import { objectOf, planRestore } from './plan-restore.ts'
import { restoreDoer } from './restore-doer.ts'

export interface Restored {
  /** The plan: its journal has each step. */
  readonly plan: string
  /** What was put back: files, and subscriptions as objects. */
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

/** Connection strings that nobody declared, with which a subscription can no longer log in. Pure. */
export const connectionsToRestore = ({ connections, undeclared }: Wrapped): readonly RewrittenConnection[] =>
  connections.filter(
    ({ before, refused }) => refused !== null && undeclared.some(({ object }) => object === objectOf(before)),
  )

/** Puts them back, step by step in the journal; what cannot be put back is told, and nothing of it is lost. */
export async function restoreFiles(
  changed: readonly ChangedFile[],
  connections: readonly RewrittenConnection[],
  about: { readonly id: string; readonly cluster: ClusterConfig },
  deps: PlanDeps,
): Promise<Restored> {
  const plan = planRestore(changed, connections, { id: about.id, cluster: about.cluster.name, atMs: deps.clock() })
  const objects = [...changed.map(({ before }) => before.file), ...connections.map(({ before }) => objectOf(before))]
  const doers = [restoreDoer, restoreConnectionDoer(about.cluster)]
  const done: string[] = []
  let problem: string | null = null
  try {
    for await (const { n, phase, output } of carryOut(plan, doers, deps)) {
      const file = objects[n - 1]
      if (phase === 'done' && file !== undefined) done.push(file)
      if (phase === 'failed' || phase === 'unknown') problem = String(output['error'] ?? 'it failed')
    }
  } catch (error) {
    if (!(error instanceof AntemortemError)) throw error
    problem = error.message
  }
  return { plan: plan.id, files: done, problem }
}
