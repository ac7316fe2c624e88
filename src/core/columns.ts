import type { ColumnFact, TableFact } from './facts/postgres/schema.ts'

/**
 * How a subscriber's table differs from the published one.
 * `absent`: the table is not there · `missing`: a published column is not · `type`: it has a type that cannot hold every value ·
 * `wider`: it has one that can, so that apply goes on · `required`: a column of the subscriber's own that apply leaves empty
 * and that must not be · `constraint`: it refuses rows that the publisher takes.
 */
export type ColumnDifferenceKind = 'absent' | 'missing' | 'type' | 'wider' | 'required' | 'constraint'

export interface ColumnDifference {
  readonly kind: ColumnDifferenceKind
  /** null for a table that is absent, and for a constraint. */
  readonly column: string | null
  readonly words: string
}

/** Apply goes by name: order does not matter, and a column of the subscriber's own is allowed as long as it may stay empty. */
export function columnDifferences(
  there: TableFact,
  here: TableFact | undefined,
  published: readonly string[] | null,
): readonly ColumnDifference[] {
  if (!here) return [{ kind: 'absent', column: null, words: 'the table is absent' }]
  const carried = there.columns.filter(
    ({ name, generated }) => !generated && (published === null || published.includes(name)),
  )
  const own = here.columns.filter(({ name }) => !there.columns.some((column) => column.name === name))
  return [
    ...carried.flatMap((column) =>
      differenceOf(
        column,
        here.columns.find(({ name }) => name === column.name),
      ),
    ),
    ...own.filter(isRequired).map(({ name }): ColumnDifference => {
      return { kind: 'required', column: name, words: `column ${name} is required here and never sent` }
    }),
  ]
}

function differenceOf({ name, type }: ColumnFact, here: ColumnFact | undefined): readonly ColumnDifference[] {
  if (!here) return [{ kind: 'missing', column: name, words: `column ${name} is missing` }]
  // Apply takes a generated column for one that is not there.
  if (here.generated) return [{ kind: 'missing', column: name, words: `column ${name} is generated here` }]
  if (here.type === type) return []
  const kind = holdsAll(here.type, type) ? 'wider' : 'type'
  return [{ kind, column: name, words: `column ${name} is ${here.type}, not ${type}` }]
}

const isRequired = ({ notNull, default: value, generated, identity }: ColumnFact): boolean =>
  notNull && value === null && !generated && !identity

/** Does apply stop at it, now or at the next row that does not fit? */
export const stopsApply = ({ kind }: ColumnDifference): boolean => kind !== 'wider'

interface Type {
  readonly base: string
  readonly length: number | null
  readonly scale: number
  /** `[]` of an array, and the time zone's words: these must be the same. */
  readonly rest: string
}

/** `numeric(10,2)[]`, `timestamp(3) without time zone`: as format_type() prints them. */
function typeOf(text: string): Type {
  const parts = /^(.*?)(?:\((\d+)(?:,(-?\d+))?\))?((?: with(?:out)? time zone)?(?:\[\])*)$/.exec(text)
  const length = parts?.[2]
  return {
    base: parts?.[1] ?? text,
    length: length === undefined ? null : Number(length),
    scale: Number(parts?.[3] ?? 0),
    rest: parts?.[4] ?? '',
  }
}

/** Decimal digits of the largest value. */
const digits = new Map([
  ['smallint', 5],
  ['integer', 10],
  ['bigint', 19],
])
/** What a floating point number holds exactly. */
const exactIn = new Map([
  ['real', ['smallint']],
  ['double precision', ['smallint', 'integer', 'real']],
])
const texts = ['character varying', 'text']
const stretching = ['character varying', 'bit varying', 'timestamp', 'time']

/**
 * Can the one type hold every value of the other, with the same meaning? What is not known to is not: `character(n)` pads, and
 * a larger scale prints other digits.
 */
export function holdsAll(wide: string, narrow: string): boolean {
  if (wide === narrow) return true
  const [to, from] = [typeOf(wide), typeOf(narrow)]
  if (to.rest !== from.rest) return false
  if (to.base === 'numeric') return numericHolds(to, from)
  const [most, needed] = [digits.get(to.base), digits.get(from.base)]
  if (most !== undefined && needed !== undefined) return most >= needed
  if (exactIn.get(to.base)?.includes(from.base)) return true
  if (texts.includes(to.base) && texts.includes(from.base)) return lengthOf(to) >= lengthOf(from)
  return to.base === from.base && stretching.includes(to.base) && lengthOf(to) >= lengthOf(from)
}

/** Without one, as long as it takes; a time without one has all the digits that there are. */
const lengthOf = ({ length }: Type): number => length ?? Number.POSITIVE_INFINITY

function numericHolds(to: Type, from: Type): boolean {
  if (from.base === 'numeric')
    return to.length === null || (from.length !== null && to.scale === from.scale && to.length >= from.length)
  const needed = digits.get(from.base)
  return needed !== undefined && (to.length === null || (to.scale === 0 && to.length >= needed))
}
