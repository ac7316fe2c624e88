import type { Json } from '../../src/core/json.ts'
import { jsonOf, type Looks } from './recording.ts'

/** Of maps the keys are data: they are not compared. */
const isMap = (at: string): boolean => /\/(?:settings\/value|settings|unansweredMs|indexes)$/.test(at)

/**
 * Where two recordings of one state differ in kind: a fact that one saw and the other did not, a field that only one has, a
 * text where the other has a number. Values are not compared, and what one of them has no example of is not either.
 */
export function shapeDifferences(one: Looks, other: Looks): readonly string[] {
  const [here, there] = [shapeOf(jsonOf(one)), shapeOf(jsonOf(other))]
  return [...here].flatMap(([place, kinds]) => {
    const kindsThere = there.get(place)
    if (!kindsThere || fits(kinds, kindsThere)) return []
    return [`${place}: ${[...kinds].join(' or ')}, recorded ${[...kindsThere].join(' or ')}`]
  })
}

/** A field may be null at one time and not at another. */
const fits = (here: ReadonlySet<string>, there: ReadonlySet<string>): boolean => {
  const known = [...here].filter((kind) => kind !== 'null')
  return (
    known.length === 0 ||
    !there.size ||
    [...there].every((kind) => kind === 'null') ||
    known.some((kind) => there.has(kind))
  )
}

function shapeOf(value: Json): ReadonlyMap<string, ReadonlySet<string>> {
  const shape = new Map<string, Set<string>>()
  const walk = (child: Json, at: string): void => {
    const kinds = shape.get(at) ?? new Set()
    shape.set(at, kinds.add(kindOf(child, at)))
    if (Array.isArray(child)) {
      // Nodes are told apart, the rest of lists is not.
      for (const [n, item] of child.entries()) walk(item, at.endsWith('/snapshot/nodes') ? `${at}/${n}` : `${at}/*`)
    } else if (typeof child === 'object' && child !== null)
      for (const [name, field] of Object.entries(child)) walk(field, isMap(at) ? `${at}/*` : `${at}/${name}`)
  }
  walk(value, '')
  return shape
}

function kindOf(value: Json, at: string): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value !== 'object') return typeof value
  return isMap(at) && !('seen' in value) ? 'map' : Object.keys(value).toSorted().join(', ')
}
