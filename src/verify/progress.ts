import type { Verified, VerifiedTable } from '../store/store.ts'
import type { Key } from '../engines/postgres/rows/comparable.ts'
import type { TableState } from './report.ts'

/** What a later run can rely on: all chunks before `after`, each equal, or with every row that differs. */
export interface Progress {
  readonly after: Key | null
  readonly finished: boolean
  readonly state: TableState
}

const limits = {
  oldestMs: {
    default: 7 * 24 * 3_600_000,
    unit: 'ms',
    why: 'what was equal a week ago is compared again, not gone on with',
  },
} as const

/** Another form of what is written below is another stamp. */
export const format = 1

export interface Kept {
  readonly verified: (table: VerifiedTable) => Promise<Verified | null>
  readonly saveVerified: (table: VerifiedTable, verified: Verified) => Promise<void>
}

/** Where an earlier run has come to, if the table is still what it was then. */
export async function readProgress(
  store: Kept,
  table: VerifiedTable,
  stamp: string,
  atMs: number,
): Promise<Progress | null> {
  const kept = await store.verified(table)
  if (kept?.stamp !== stamp) return null
  // Written by `saveProgress` in this format: the stamp holds it.
  const progress = kept.body as Progress
  const { oldestMs } = progress.state
  return oldestMs !== null && atMs - oldestMs > limits.oldestMs.default ? null : progress
}

export const saveProgress = async (
  store: Kept,
  table: VerifiedTable,
  { stamp, atMs, ...progress }: Progress & { readonly stamp: string; readonly atMs: number },
): Promise<void> => store.saveVerified(table, { stamp, atMs, body: progress })
