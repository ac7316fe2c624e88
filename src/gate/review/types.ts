import { child, list, text, type TreeNode } from '../change/tree.ts'

/** The short names that the parser gives to what people write as `integer` or `boolean`. */
const spelled: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  varchar: 'character varying',
  bpchar: 'character',
  timestamptz: 'timestamp with time zone',
  timestamp: 'timestamp without time zone',
}

/** A type as `format_type` writes it: `numeric(12,4)`; null where the parser was given none. */
export function typeText(def: TreeNode | null): string | null {
  const type = child(child(def, 'ColumnDef'), 'typeName')
  const name = text(child(list(type, 'names').at(-1), 'String'), 'sval')
  if (name === null) return null
  const numbers = list(type, 'typmods').map((each) => Number(child(child(each, 'A_Const'), 'ival')?.['ival'] ?? 0))
  const [first = '', ...rest] = (spelled[name] ?? name).split(' with')
  const tail = rest.length > 0 ? ` with${rest.join(' with')}` : ''
  const array = list(type, 'arrayBounds').length > 0 ? '[]' : ''
  return `${first}${numbers.length > 0 ? `(${numbers.join(',')})` : ''}${tail}${array}`
}

const integers = ['smallint', 'integer', 'bigint']
const baseOf = (type: string): string => type.replace(/\(.*\)/, '')
const modifiersOf = (type: string): readonly number[] =>
  (/\(([\d,]+)\)/.exec(type)?.[1] ?? '').split(',').filter(Boolean).map(Number)

const isText = (type: string): boolean => ['text', 'character varying', 'character', 'citext'].includes(baseOf(type))

/** Does every value of `from` keep all that it says in `to`? */
export function holds(from: string, to: string): boolean {
  if (from === to) return true
  const [a, b] = [baseOf(from), baseOf(to)]
  if (isText(from) && isText(to)) {
    const [length] = modifiersOf(to)
    const [was] = modifiersOf(from)
    return length === undefined || (was !== undefined && was <= length)
  }
  if (integers.includes(a) && integers.includes(b)) return integers.indexOf(a) <= integers.indexOf(b)
  if (a === 'numeric' && b === 'numeric') {
    const [precision, scale = 0] = modifiersOf(to)
    const [wasPrecision, wasScale = 0] = modifiersOf(from)
    if (precision === undefined) return true
    return wasPrecision !== undefined && scale >= wasScale && precision - scale >= wasPrecision - wasScale
  }
  if (integers.includes(a)) return (b === 'numeric' && modifiersOf(to).length === 0) || isText(to)
  return b === 'text'
}

/** Is the table left as it lies when `from` becomes `to`? Measured: longer text and wider numeric of the same scale. */
export function needsNoRewrite(from: string, to: string): boolean {
  if (from === to) return true
  if (isText(from) && isText(to)) return baseOf(from) !== 'character' && holds(from, to)
  if (baseOf(from) === 'numeric' && baseOf(to) === 'numeric')
    return holds(from, to) && (modifiersOf(to).length === 0 || modifiersOf(from)[1] === modifiersOf(to)[1])
  return false
}

export const isTextType = isText
export const isWhole = (type: string): boolean => integers.includes(baseOf(type))
