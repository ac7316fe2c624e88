import { z } from 'zod'
import { readRows, type NodeReader } from './rows/node-reader.ts'

/** Conflicts of one subscription by kind, as its server has counted them (18 and later; none before). */
export interface ConflictCounts {
  readonly subscription: string
  readonly counts: Readonly<Record<string, number>>
}

const row = z.object({ name: z.string(), stats: z.record(z.string(), z.unknown()) })

/**
 * `…_origin_differs` are left out: every first change of a row that came through the initial copy counts as one where
 * `track_commit_timestamp` is on, and none of these is a conflict.
 */
const isReal = (name: string): boolean => name.startsWith('confl_') && !name.endsWith('_origin_differs')

/** What `pg_stat_subscription_stats` counts beside errors: rows that were missing, or there already. */
export async function readConflicts(reader: NodeReader, signal: AbortSignal): Promise<readonly ConflictCounts[]> {
  const rows = await readRows(
    reader,
    { text: `select subname as name, pg_catalog.to_jsonb(s) as stats from pg_catalog.pg_stat_subscription_stats s` },
    row,
    signal,
  )
  return rows.map(({ name, stats }) => ({
    subscription: name,
    counts: Object.fromEntries(
      Object.entries(stats).flatMap(([key, count]) => (isReal(key) ? [[key, Number(count)]] : [])),
    ),
  }))
}
