import type { LastGoodFact } from './facts/cluster.ts'
import type { PostgresFacts } from './facts/postgres/index.ts'
import { isMasked } from './sql-text.ts'

export type GoodNode = LastGoodFact['nodes'][number]

/** What was last known good of a node; undefined while nothing is. */
export const goodOf = (lastGood: LastGoodFact | undefined, node: string): GoodNode | undefined =>
  lastGood?.nodes.find((good) => good.node === node)

/**
 * Masks of two processes differ for the same secret, and what is known good can be older than this process: masked values
 * are not compared here. A change of one is seen by `changes`, within one process.
 */
export const differs = (good: string, now: string): boolean => good !== now && !(isMasked(good) && isMasked(now))

/**
 * Settings that the reading role's own sessions begin with by `alter role … set` or `alter database … set`: `pg_settings`
 * shows these to it, and not what the server's files say.
 */
export const hiddenFromReader = ({ roleSettings, privileges }: Partial<PostgresFacts>): ReadonlySet<string> =>
  new Set(roleSettings?.filter(({ role }) => role === null || role === privileges?.role).map(({ name }) => name))
