import type { Case } from '../core/diagnosis.ts'
import { goodOf, type GoodNode } from '../core/known-good.ts'
import { factOf, nodeOf } from './look.ts'

/** What a node was like when all was last known good; undefined while nothing is. */
export const goodNode = (c: Case, node: string): GoodNode | undefined => {
  const good = c.snapshot.facts.lastGood
  return goodOf(good.seen ? good.value : undefined, node)
}

/** A setting as it was; null where that is not known. */
export const goodSetting = (c: Case, node: string, name: string): string | null =>
  goodNode(c, node)?.settings?.[name] ?? null

/** A setting as it is, read from the server. */
export const settingOf = (c: Case, name: string, setting: string): string | null => {
  const node = nodeOf(c, name)
  return (node ? factOf(node, 'settings')?.[setting] : undefined) ?? null
}
