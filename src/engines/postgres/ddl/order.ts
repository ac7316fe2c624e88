/** What has to be put in order: made by `sql`, after all that it needs. */
export interface DdlObject {
  readonly key: string
  readonly rank: number
  readonly what: string
  readonly sql: readonly string[]
}

export interface Edge {
  readonly key: string
  readonly needs: string
}

/**
 * By rank and name, each after what it needs. In a circle (a default that calls a function of the table's own row type) the
 * lower rank goes first: whether that works is seen when it is made.
 */
export function inOrder(objects: readonly DdlObject[], edges: readonly Edge[]): readonly DdlObject[] {
  const byKey = new Map(objects.map((object) => [object.key, object]))
  const needs = new Map<string, DdlObject[]>()
  for (const edge of edges) {
    const needed = byKey.get(edge.needs)
    if (needed && byKey.has(edge.key)) needs.set(edge.key, [...(needs.get(edge.key) ?? []), needed])
  }
  const ordered: DdlObject[] = []
  const visited = new Set<string>()
  const visit = (object: DdlObject): void => {
    if (visited.has(object.key)) return
    visited.add(object.key)
    for (const needed of (needs.get(object.key) ?? []).toSorted(byRankAndName)) visit(needed)
    ordered.push(object)
  }
  for (const object of objects.toSorted(byRankAndName)) visit(object)
  return ordered
}

const byRankAndName = (a: DdlObject, b: DdlObject): number =>
  a.rank - b.rank || (a.what < b.what ? -1 : a.what > b.what ? 1 : 0)
