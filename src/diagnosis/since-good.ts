import type { Change } from '../core/change.ts'
import type { Case } from '../core/diagnosis.ts'
import { differs, type GoodNode } from '../core/known-good.ts'
import { subject } from '../core/subject.ts'
import type { NodeView } from '../core/snapshot.ts'
import { goodNode, goodSetting, settingOf } from './last-good.ts'
import { newsOf } from './news.ts'

/** Is what is read now otherwise than when all was last known good? */

/**
 * It was otherwise a moment ago: an earlier look of this window saw the opposite. What that look did not see says nothing;
 * neither does any while nothing is known good.
 */
export function wasOtherwise(c: Case, node: string, was: (view: NodeView) => boolean | null): boolean {
  const past = c.earlier?.nodes.find(({ name }) => name === node)
  return c.lastGoodMs !== null && past !== undefined && was(past) === false
}

/** How a node stood in replication when all was last known good; null where that is not known. */
export const goodReplication = (c: Case, node: string): NonNullable<GoodNode['replication']> | null =>
  c.lastGoodMs === null ? null : (goodNode(c, node)?.replication ?? null)

export const settingNews = (c: Case, node: string, names: readonly string[]): readonly Change[] =>
  newsOf(
    c,
    names.map((name) => subject.setting(node, name)),
    () => true,
  )

/** A setting is otherwise than it was: somebody saw it change, or what was known good says so. */
export function isSettingNew(c: Case, node: string, name: string): boolean {
  if (settingNews(c, node, [name]).length > 0) return true
  const [good, now] = [goodSetting(c, node, name), settingOf(c, node, name)]
  return c.lastGoodMs !== null && good !== null && now !== null && differs(good, now)
}

/** The same, in words: `from 30000 to 0`. */
export function settingWords(c: Case, node: string, name: string): string {
  const change = settingNews(c, node, [name]).at(-1)
  const before = change ? change.before : goodSetting(c, node, name)
  const now = settingOf(c, node, name)
  return before === null || before === now ? `${name} is ${now ?? '?'}` : `${name} is ${now ?? '?'}, and was ${before}`
}
