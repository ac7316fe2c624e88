import type { Gap } from '../core/carriage.ts'
import type { Change } from '../core/change.ts'
import type { Case } from '../core/diagnosis.ts'

/**
 * Is a change news of this very thing? One object changes in many ways, and an index added to a table is no news of its columns.
 * Told apart by the words in which `changes/` describes them; words that are not known here may be about anything, and are news.
 */
export type IsAbout = (change: Change) => boolean

/** Changes since all was last known good; none while nothing is known good. */
export const newsOf = (c: Case, objects: readonly string[], isAbout: IsAbout): readonly Change[] => {
  const since = c.lastGoodMs
  if (since === null) return []
  return c.changes.filter((change) => change.atMs > since && objects.includes(change.object) && isAbout(change))
}

const partsOf = ({ before, after }: Change): readonly string[] =>
  [before, after].flatMap((text) => text?.split('; ') ?? [])

/** It came, or it is gone. */
const isWhole = ({ before, after }: Change): boolean => before === null || after === null

/** Parts of a table that no row and no column hangs on. */
const isAside = (part: string): boolean => /^(?:no )?(?:index |constraint |replica identity|owner )/.test(part)
/** A trigger changes what is in a table, and neither its columns nor whether it is carried. */
const isTrigger = (part: string): boolean => /^(?:no )?trigger /.test(part)
const isColumn = (part: string): boolean => /^(?:no )?column /.test(part)

/** A table came or went or was made anew, or one of these columns did. */
export const aboutColumns =
  (columns: readonly (string | null)[]): IsAbout =>
  (change) =>
    isWhole(change) ||
    partsOf(change).some((part) =>
      isColumn(part) ? columns.some((column) => isColumnNamed(part, column)) : !isAside(part) && !isTrigger(part),
    )

const isColumnNamed = (part: string, column: string | null): boolean => {
  const named = part.replace(/^no /, '')
  return column !== null && (named === `column ${column}` || named.startsWith(`column ${column} `))
}

/** A table came or went, or its rows did: a change of its structure takes none away and brings none. */
export const aboutContents: IsAbout = (change) => change.kind === 'data' || isWhole(change)

/** A change of structure that moves rows: a column with its default, a table made anew. An index does not. */
export const aboutRows: IsAbout = (change) => {
  if (change.kind === 'data' || isWhole(change)) return true
  const [before, after] = [change.before, change.after].map((text) => new Set(text?.split('; ').map(withoutDefault)))
  return partsOf(change).some(
    (part) =>
      !isAside(part) && !(isColumn(part) && before?.has(withoutDefault(part)) && after?.has(withoutDefault(part))),
  )
}

/** Another default of a column is about rows to come. */
const withoutDefault = (part: string): string => part.replace(/ default .*$/s, '')

/** Whether and how a table is carried has changed, in the way that this gap has. */
export const aboutCarriage =
  (gap: Gap, table: string): IsAbout =>
  (change) => {
    if (isWhole(change)) return true
    const parts = partsOf(change)
    if (parts.every((part) => part === 'enabled' || part === 'disabled')) return false
    if (parts.every((part) => part.startsWith('publish: '))) return gap === 'operations'
    // What a subscription follows: this table must have come or gone.
    if (parts.every((part) => part.startsWith('tables ')))
      return lists(change.before, table) !== lists(change.after, table)
    return parts.some((part) => (isColumn(part) ? gap === 'column-list' : !isAside(part) && !isTrigger(part)))
  }

const lists = (text: string | null, table: string): boolean =>
  text
    ?.replace(/^tables /, '')
    .split(', ')
    .includes(table) ?? false

/** It was switched off, or made so. */
export const aboutDisabling: IsAbout = ({ after }) => after !== null && /\bdisabled?\b/.test(after)

/** How rows of a table are identified, or whether it is published and for what. */
export const aboutIdentity: IsAbout = (change) =>
  isWhole(change) ||
  partsOf(change).some((part) =>
    /^(?:no )?(?:replica identity|constraint PRIMARY KEY|index CREATE UNIQUE |publish: |published: |for )/.test(part),
  )

/** What a table refuses: its constraints and unique indexes. */
export const aboutConstraints: IsAbout = (change) =>
  isWhole(change) || partsOf(change).some((part) => /^(?:no )?(?:constraint |index CREATE UNIQUE )/.test(part))
