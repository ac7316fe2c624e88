import type { LastGoodFact } from './facts/cluster.ts'
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
